"""How it is fetched, piece by piece."""
