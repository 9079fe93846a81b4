"""Cases that read as documentation."""
