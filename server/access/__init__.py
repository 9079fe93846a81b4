"""Access: hosts, origins, tokens, and callers with keys of their own."""
