"""Meshy: REST over its picture resources, one task a call; lists by page number."""
