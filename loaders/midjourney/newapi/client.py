"""The way to new-api: the list of a user's Midjourney tasks, and the admins' list of everybody's.

present builds   p from 1   {"data": {"items": […], "total": 25, "page": 1, "page_size": 20}}
2025-04 builds   p from 0   {"data": […]}                    ten per page, whatever page_size says
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeAlias

from loaders import coerce
from loaders.credentials import Credential
from loaders.errors import ErrorCode, Refused, SourceError
from loaders.http import Answer, malformed
from loaders.midjourney.redirect import MidjourneyClient
from loaders.observer import SILENT, Observer
from loaders.records import Provider

MOST_ROWS = 100  # per page; more is cut down silently
LEGACY_ROWS = 10

TimeUnit: TypeAlias = Literal["ms", "s"]

_EPOCH = datetime.fromtimestamp(0, UTC)
_UNITS = {"ms": timedelta(milliseconds=1), "s": timedelta(seconds=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowQuery:
    """Which rows are wanted, newest first by row id. None does not narrow them.

    admin: everybody's rows, not the caller's. page: from 1. start, end: submit times, both inclusive.
    channel_id: of the admins' list only.
    """

    admin: bool = False
    page: int = 1
    page_size: int = MOST_ROWS
    mj_id: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    channel_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPage:
    """One page. total: None where the build does not count. page_size: None where it does not report one."""

    items: tuple[Mapping[str, Any], ...]
    total: int | None = None
    page_size: int | None = None
    is_legacy: bool = False


class Declined(SourceError):
    """new-api answered, and said no without a reason that can be read.

    It is up: neither another try nor a pause would change the answer.
    """

    code = ErrorCode.UPSTREAM_FAULT


class NewapiClient(MidjourneyClient):
    """Calls new-api with the credential that each call brings (`newapi_token`, `newapi_user`).

    time_unit: what the server's time filters count in. "ms" is what its code compares; its documents
    show seconds.
    """

    name = "newapi"

    def __init__(self, origin: str, time_unit: TimeUnit = "ms", observer: Observer = SILENT) -> None:
        super().__init__(origin, observer)
        self._unit = _UNITS[time_unit]
        self._is_legacy = False  # until an answer shows it

    async def list(self, query: RowQuery, credential: Credential) -> RowPage:
        """GET /api/mj/self, or /api/mj/ for admins. Raises SourceError.

        One call; two when the answer shows that the pages are counted from another number than thought:
        a legacy build answers p=1 with its second page.
        """
        page = await self._page(query, credential, is_legacy=self._is_legacy)
        if page.is_legacy != self._is_legacy:
            self._is_legacy = page.is_legacy
            page = await self._page(query, credential, is_legacy=self._is_legacy)
        return page

    async def _page(self, query: RowQuery, credential: Credential, *, is_legacy: bool) -> RowPage:
        path = "/api/mj/" if query.admin else "/api/mj/self"
        answer = await self.request(
            f"GET {path}",
            path,
            headers=_headers(credential),
            query=self._parameters(query, is_legacy=is_legacy),
        )
        return _rows(answer.checked(), is_legacy, is_admin=query.admin)

    def _parameters(self, query: RowQuery, *, is_legacy: bool) -> dict[str, str | int]:
        wanted: dict[str, str | int | None] = {
            "p": query.page - 1 if is_legacy else query.page,
            "page_size": min(query.page_size, MOST_ROWS),
            "mj_id": query.mj_id,
            # whole units inside the bounds: 12.3 s <= t <= 14.7 s is 13 <= t <= 14
            "start_timestamp": None if query.start is None else -((_EPOCH - query.start) // self._unit),
            "end_timestamp": None if query.end is None else (query.end - _EPOCH) // self._unit,
            "channel_id": query.channel_id if query.admin else None,
        }
        return {name: value for name, value in wanted.items() if value is not None}


def _headers(credential: Credential) -> dict[str, str]:
    # the user's number must be there, and be the token's, in most builds
    return {
        "Authorization": f"Bearer {credential.secrets['newapi_token']}",
        "New-Api-User": credential.secrets.get("newapi_user", ""),
    }


def _rows(answer: Answer, is_legacy: bool, *, is_admin: bool) -> RowPage:
    envelope = answer.json()
    if not isinstance(envelope, Mapping):
        raise malformed(Provider.MIDJOURNEY, "something other than an envelope")
    if envelope.get("success") is False:
        raise _failure(envelope, is_admin=is_admin)
    match envelope.get("data"):
        case None if "data" in envelope:  # no rows; of which build, it does not show
            return RowPage(items=(), is_legacy=is_legacy)
        case list(items):
            return RowPage(items=_mappings(items), page_size=LEGACY_ROWS, is_legacy=True)
        case {"items": list() | None as items, **paging}:
            return RowPage(
                items=_mappings(items),
                total=coerce.integer(paging.get("total")),
                page_size=coerce.integer(paging.get("page_size")),
            )
    raise malformed(Provider.MIDJOURNEY, "something other than a list of tasks")


def _mappings(items: object) -> tuple[Mapping[str, Any], ...]:
    return tuple(item for item in coerce.items(items) if isinstance(item, Mapping))


def _failure(envelope: Mapping[str, Any], *, is_admin: bool) -> SourceError:
    """What HTTP 200 and {"success": false} stand for.

    Newer builds name what is wrong with a key: AUTH_TOKEN_EXPIRED. The 2025-04 builds send a bad token, a
    role that is too low and a failed query alike, with nothing but a message in the server's language, which
    is not parsed. For everybody's list, the reason is usually the role.
    """
    if is_admin or str(envelope.get("code")).startswith("AUTH_"):
        return Refused("Midjourney refused the key", provider=Provider.MIDJOURNEY, upstream_status=200)
    return Declined(
        "Midjourney's new-api refused to list the tasks without saying why",
        provider=Provider.MIDJOURNEY,
        upstream_status=200,
    )
