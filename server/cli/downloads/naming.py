"""`--name "{provider}/{created:%Y-%m}/{task}-{index}.{ext}"`: where in a folder a picture is kept.

What an id, a time or a source says fills in a part of a name and never more: it cannot hold a separator, be
`..`, or begin with a dot. Only the template itself has folders.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import PurePosixPath
from string import Formatter

HIDDEN = ".triptych"  # the folder's own entry: archive, lock, files under way
UNDATED = "undated"
LONGEST = 120  # bytes of one value: a name has at most 255
_SEPARATORS = frozenset('/\\<>:"|?*')
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))}


class BadTemplate(ValueError):
    """What is wrong with a template, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is known of a picture. key, task: ids at its source. created: None where unknown."""

    id: str
    provider: str
    key: str
    task: str
    index: str
    created: datetime | None
    kind: str
    variant: str
    ext: str


FIELDS = tuple(Subject.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Template:
    """parts: literal text, then the name of a field and its format, or None at the end."""

    parts: tuple[tuple[str, str | None, str], ...]

    @classmethod
    def parse(cls, text: str) -> Template:
        """Raises BadTemplate."""
        try:
            parsed = list(Formatter().parse(text))
        except ValueError as error:
            raise BadTemplate(str(error)) from None
        parts: list[tuple[str, str | None, str]] = []
        for literal, name, spec, conversion in parsed:
            if name is not None and name not in FIELDS:
                raise BadTemplate(f"{{{name}}} is not one of {', '.join(FIELDS)}")
            if conversion or (spec and name != "created"):
                raise BadTemplate(f"{{{name}}} takes no format; only created does")
            parts.append((literal, name, spec or ""))
        template = cls(tuple(parts))
        template._check()
        return template

    @property
    def needs_task(self) -> bool:
        """Whether a name tells what only the task knows."""
        return any(name == "created" for _, name, _ in self.parts)

    def path(self, subject: Subject) -> PurePosixPath:
        """Relative to the folder, and inside it."""
        text = "".join(literal + self._value(subject, name, spec) for literal, name, spec in self.parts)
        return PurePosixPath(*(_portable(part) for part in text.split("/")))

    def _check(self) -> None:
        # a value is at least one character and no dot, so that the sample has every folder of the template
        moment = datetime(2000, 1, 1, tzinfo=UTC)
        for created in (None, moment):
            text = "".join(
                literal + ("" if name is None else _dated(created, spec) if name == "created" else "a")
                for literal, name, spec in self.parts
            )
            folders = text.split("/")
            if any(folder.strip() in {"", ".", ".."} for folder in folders):
                raise BadTemplate("it must be the name of a file inside the folder")
            if "\\" in text or not text.isprintable():
                raise BadTemplate("it must be printable, with / between folders")
            if folders[0].casefold() == HIDDEN:
                raise BadTemplate(f"{HIDDEN} is the folder of the archive")

    @staticmethod
    def _value(subject: Subject, name: str | None, spec: str) -> str:
        if name is None:
            return ""
        if name == "created":
            return _dated(subject.created, spec)
        return clean(str(getattr(subject, name)))


def clean(value: str) -> str:
    """As a part of a name on any system: `image-to-image:018a…:0` -> `image-to-image-018a…-0`.

    A value that is too long ends in a digest of itself, so that two of them stay two.
    """
    safe = "".join("-" if c in _SEPARATORS else c if c.isprintable() else "_" for c in value)
    safe = f"_{safe.lstrip('. ')}" if safe[:1] in {".", " ", ""} else safe
    safe = f"{safe.rstrip('. ')}_" if safe[-1] in {".", " "} else safe
    if len(safe.encode()) <= LONGEST:
        return safe
    digest = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return safe.encode()[: LONGEST - 13].decode("utf-8", "ignore") + "-" + digest


def _dated(created: datetime | None, spec: str) -> str:
    return UNDATED if created is None else created.astimezone(UTC).strftime(spec or "%Y-%m-%d")


def _portable(part: str) -> str:
    return f"_{part}" if part.partition(".")[0].upper() in _DEVICES else part
