"""Tasks as they change, from the sources to the clients."""
