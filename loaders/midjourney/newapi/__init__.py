"""new-api: lists of tasks, and look-ups one task per call."""
