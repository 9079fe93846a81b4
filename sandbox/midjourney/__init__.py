"""Midjourney as new-api and midjourney-proxy both see it: the world, its files, and the shapes they share."""
