"""Tasks: by id, and the one list over all sources."""
