"""Plans against graphql-core, document by document."""
