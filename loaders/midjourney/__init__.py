"""Midjourney: new-api for lists, midjourney-proxy for look-ups, batches and seeds; either alone works."""

CHUNK = 50  # tasks per call to midjourney-proxy; no limit is documented
