"""How it is served: settings, access, HTTP, command line."""
