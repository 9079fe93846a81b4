"""HOW IT IS SERVED: the ASGI app, who may ask, settings and the command line."""
