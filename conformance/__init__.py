"""Whether the graph's clients and tools work with the running server, at their first try.

`make conformance` asks each of them and prints one table. It needs Node, and is no part of `make test`.
"""
