"""midjourney-proxy: look-ups in batches, and seeds. new-api's relay offers the same."""
