"""An environment that sets every setting."""

from __future__ import annotations

from hashlib import sha256

DIGEST = sha256(b"a token").hexdigest()


EVERY = {
    "TRIPTYCH_HOST": "[::1]",
    "TRIPTYCH_WORKERS": "2",
    "TRIPTYCH_PORT": " 9000 ",
    "TRIPTYCH_PUBLIC_URL": "HTTPS://Pictures.Example:443/",
    "TRIPTYCH_PIXAI_KEY": "sk-pixai",
    "TRIPTYCH_PIXAI_URL": "http://127.0.0.1:9001",
    "TRIPTYCH_PIXAI_WS_URL": "ws://127.0.0.1:9001/graphql",
    "TRIPTYCH_PIXAI_CHUNK": "50",
    "TRIPTYCH_MESHY_KEY": "msy_key",
    "TRIPTYCH_MESHY_URL": "http://127.0.0.1:9002",
    "TRIPTYCH_NEWAPI_URL": "http://127.0.0.1:9003",
    "TRIPTYCH_NEWAPI_TOKEN": "newapi-token",
    "TRIPTYCH_NEWAPI_USER": "7",
    "TRIPTYCH_NEWAPI_UNIT": "s",
    "TRIPTYCH_MJ_URL": "http://127.0.0.1:9004",
    "TRIPTYCH_MJ_KEY": "mj-key",
    "TRIPTYCH_MJ_AUTH": "mj-api-secret",
    "TRIPTYCH_DEADLINE": "2.5",
    "TRIPTYCH_HEADER_SECONDS": "3",
    "TRIPTYCH_BODY_SECONDS": "4",
    "TRIPTYCH_SEND_SECONDS": "5.5",
    "TRIPTYCH_MAX_CONNECTIONS": "500",
    "TRIPTYCH_MAX_CONNECTIONS_PER_CLIENT": "0",
    "TRIPTYCH_LOG": "json",
    "TRIPTYCH_SOURCE_DEADLINE": "9",
    "TRIPTYCH_ENGINE": "strawberry",
    "TRIPTYCH_LIMITS": "measure",
    "TRIPTYCH_LIMIT_DOCUMENT": "1",
    "TRIPTYCH_LIMIT_TOKENS": "2",
    "TRIPTYCH_LIMIT_NAME": "3",
    "TRIPTYCH_LIMIT_NESTING": "4",
    "TRIPTYCH_LIMIT_DEPTH": "5",
    "TRIPTYCH_LIMIT_ALIASES": "6",
    "TRIPTYCH_LIMIT_ROOT_FIELDS": "7",
    "TRIPTYCH_LIMIT_DIRECTIVES": "8",
    "TRIPTYCH_LIMIT_OPERATIONS": "9",
    "TRIPTYCH_LIMIT_OVERLAPS": "10",
    "TRIPTYCH_LIMIT_INTROSPECTION": "11",
    "TRIPTYCH_LIMIT_FIELDS": "12",
    "TRIPTYCH_LIMIT_CALLS": "13",
    "TRIPTYCH_LIMIT_BYTES": "14",
    "TRIPTYCH_SANDBOX": "fill",
    "TRIPTYCH_PASSTHROUGH": "yes",
    "TRIPTYCH_TOKENS": f"anna:admin:{DIGEST}, ben:READ:{DIGEST.upper()}",
    "TRIPTYCH_OPEN": "0",
    "TRIPTYCH_CORS_ORIGINS": "https://app.example, HTTP://Localhost:3000",
}
