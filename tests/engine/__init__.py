"""What an operation may cost, before it runs and while it does."""
