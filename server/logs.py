"""What the server logs, on standard error: requests that were refused or failed, sources that fail, bugs.

    2026-11-25T19:35:19.120Z WARNING request failed id=5f0c… path=/graphql status=200 codes=UPSTREAM_TIMEOUT:2

Lines name ids, codes and counts. No header, query, variable, prompt or URL gets into one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from enum import StrEnum
from typing import TextIO

import orjson

from schema.redact import redacted

Fields = Mapping[str, str | int | float | None]

_log = logging.getLogger(__name__)


class LogForm(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"
    OFF = "off"


def configure(form: LogForm, stream: TextIO) -> None:
    """Every logger of the process writes there, in that form; libraries from warnings on."""
    handler: logging.Handler = logging.NullHandler()
    if form is not LogForm.OFF:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(_Json() if form is LogForm.JSON else _Text())
    logging.root.handlers = [handler]
    logging.root.setLevel(logging.WARNING)
    logging.getLogger("server").setLevel(logging.INFO)


def write(level: int, event: str, fields: Fields) -> None:
    """One line. A field that is None is left out."""
    known = {name: value for name, value in fields.items() if value is not None}
    _log.log(level, event, extra={"fields": known})


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return f"{_time(record)} {record.levelname} {_message(record)}{fields}"


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {"time": _time(record), "level": record.levelname, "event": _message(record)}
        return orjson.dumps({**line, **_fields(record)}).decode()


def _fields(record: logging.LogRecord) -> Fields:
    fields: Fields = getattr(record, "fields", {})
    return fields


def _message(record: logging.LogRecord) -> str:
    error = record.exc_info[1] if record.exc_info else None
    return record.getMessage() if error is None else f"{record.getMessage().rstrip()}\n{redacted(error)}"


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03}Z"
