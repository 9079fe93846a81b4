"""A bug's traceback as the log may hold it: whole, but with nothing that opens a door."""

import re
import traceback

# https://user:key@host/path?Signature=… -> https://…
_URL = re.compile(r"\b(?:https?|wss?|data):[^\s'\"<>]+")
_BEARER = re.compile(
    r"(?i)\b(bearer|basic|token|secret|password|api[-_]?key|authorization)\b(['\"]?\s*[:= ]\s*['\"]?)\S+"
)
# keys, signatures, the parts of a JWT: long, and with a digit
_KEY = re.compile(r"(?=[\w+/=-]*\d)[\w+/=-]{24,}")


def redacted(error: BaseException) -> str:
    """The traceback with the causes, without URLs, credentials and long keys."""
    text = "".join(traceback.format_exception(error)).rstrip()
    return "\n".join(map(_redacted_line, text.splitlines()))


def _redacted_line(line: str) -> str:
    if line.lstrip(" |").startswith('File "'):
        return line  # a path may be as long as a key
    line = _URL.sub(lambda url: url[0].partition(":")[0] + ":…", line)
    return _KEY.sub("…", _BEARER.sub(r"\1\2…", line))
