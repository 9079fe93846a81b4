"""Measurements, side by side in one run: what counts is the ratio, not the machine."""
