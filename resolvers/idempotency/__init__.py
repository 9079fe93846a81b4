"""Idempotency keys: what became of a write is kept for a day, so that a repeated request pays nothing."""
