"""Which source answers, and how lists are merged."""
