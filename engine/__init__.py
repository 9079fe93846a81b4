"""HOW A QUERY IS EXECUTED: from a document's text to an entry, from an entry to an answer."""
