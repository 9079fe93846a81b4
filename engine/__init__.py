"""How a query is executed: what it may cost, what is kept of its document, and how far it may run.

It stands between `server` and `schema`. graphql-core stays parser, validator and executor.
"""
