"""The contract, and what clients may rely on in it."""
