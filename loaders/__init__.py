"""HOW IT IS FETCHED: records, errors, batching, and one package per source."""
