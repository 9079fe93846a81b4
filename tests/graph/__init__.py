"""What clients get, asked over HTTP, with the sandbox's upstreams behind it."""
