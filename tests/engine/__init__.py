"""How queries are read, limited, planned and executed."""
