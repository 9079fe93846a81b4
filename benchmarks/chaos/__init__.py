"""`make chaos`: queries of every kind, while every source fails in every way and comes back."""
