"""PixAI: GraphQL through gql, with aliased batches; REST for the redirect to a picture."""
