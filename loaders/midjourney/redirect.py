"""The one redirect that both of Midjourney's servers are followed in: from /api/mj/self to /api/mj/self/.

new-api and its relay are served by gin, which sends it where a route is registered with the other slash.
"""

from __future__ import annotations

from collections.abc import Mapping

from yarl import URL

from loaders.http import Answer, SourceClient
from loaders.records import Provider

_MOVED = frozenset({301, 302, 307, 308})


class MidjourneyClient(SourceClient):
    """Follows that redirect once, and no other: it would take the key along."""

    provider = Provider.MIDJOURNEY

    async def request(
        self,
        route: str,
        url: URL | str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> Answer:
        """Send, read to the end. The deadline is the caller's. Raises Unreachable, Malformed."""
        answer = await super().request(route, url, headers=headers, query=query, json=json)
        if answer.status not in _MOVED:
            return answer
        asked = URL(self.origin + url, encoded=True) if isinstance(url, str) else url
        moved = _with_other_slash(asked, answer.location or "")
        if moved is None:
            return answer
        left = None if moved.raw_query_string else query
        return await super().request(route, moved, headers=headers, query=left, json=json)


def _with_other_slash(asked: URL, location: str) -> URL | None:
    """Where the redirect leads, if that is the same path on the same server but for its last slash."""
    try:
        moved = asked.join(URL(location, encoded=True))
        is_same_server = moved.origin() == asked.origin()
    except ValueError:
        return None
    was, now = asked.raw_path, moved.raw_path
    return moved if is_same_server and was != now and was.rstrip("/") == now.rstrip("/") else None
