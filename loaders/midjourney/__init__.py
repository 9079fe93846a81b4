"""Midjourney: new-api for lists, midjourney-proxy for look-ups, batches and seeds; either alone works."""
