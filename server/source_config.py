"""From settings to the sources' own: credentials, addresses, and whom the sandbox stands in for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loaders.credentials import Credential
from loaders.records import Provider
from loaders.sources import SourceSettings
from server.settings import SandboxMode, Settings

if TYPE_CHECKING:
    from sandbox import Sandbox


def wants_sandbox(settings: Settings) -> bool:
    """Whether the sandbox stands in for any source."""
    configured = _configured(settings)
    if settings.sandbox is SandboxMode.FILL:
        return len(configured) < len(Provider)
    return settings.sandbox is SandboxMode.AUTO and not configured and not settings.passthrough


def source_settings(settings: Settings, box: Sandbox | None = None) -> SourceSettings:
    """box: the sandbox, which stands in for every source that the settings give no key for."""
    credentials = _configured(settings)
    places: dict[str, Any] = {
        "pixai_url": settings.pixai_url,
        "pixai_ws_url": _events_url(settings),
        "meshy_url": settings.meshy_url,
        "newapi_url": settings.newapi_url,
        "newapi_unit": settings.newapi_unit,
        "mj_url": settings.mj_url,
        "mj_auth": settings.mj_auth.value,
    }
    sandboxed = frozenset() if box is None else frozenset(Provider) - credentials.keys()
    if box is not None and Provider.PIXAI in sandboxed:
        credentials[Provider.PIXAI] = Credential({"key": box.pixai.key})
        places["pixai_url"] = box.pixai.url
        places["pixai_ws_url"] = box.pixai.url.replace("http", "ws", 1) + "/graphql"
    if box is not None and Provider.MESHY in sandboxed:
        credentials[Provider.MESHY] = Credential({"key": box.meshy.key})
        places["meshy_url"] = box.meshy.url
    if box is not None and Provider.MIDJOURNEY in sandboxed:
        newapi, mj = box.newapi, box.mj
        credentials[Provider.MIDJOURNEY] = Credential(
            {"newapi_token": newapi.key, "newapi_user": str(newapi.user), "mj_key": mj.key}
        )
        places |= {"newapi_url": newapi.url, "newapi_unit": newapi.unit}
        places |= {"mj_url": mj.url, "mj_auth": mj.auth}
    return SourceSettings(
        credentials=credentials,
        pixai_chunk=settings.pixai_chunk,
        deadline=settings.deadline,
        write_seconds=settings.write_seconds,
        source_deadline=settings.source_deadline,
        watched=settings.watch_tasks,
        sandboxed=sandboxed,
        **places,
    )


def _events_url(settings: Settings) -> str:
    """As set; where PixAI stands elsewhere, that server's `/graphql`: the vendor's would not know the key."""
    given = settings.model_fields_set
    if "pixai_url" in given and "pixai_ws_url" not in given:
        return settings.pixai_url.replace("http", "ws", 1) + "/graphql"
    return settings.pixai_ws_url


def _configured(settings: Settings) -> dict[Provider, Credential]:
    found: dict[Provider, Credential] = {}
    if settings.pixai_key is not None:
        found[Provider.PIXAI] = Credential({"key": settings.pixai_key.get_secret_value()})
    if settings.meshy_key is not None:
        found[Provider.MESHY] = Credential({"key": settings.meshy_key.get_secret_value()})
    midjourney: dict[str, str] = {}
    if settings.newapi_token is not None and settings.newapi_user is not None:
        midjourney["newapi_token"] = settings.newapi_token.get_secret_value()
        midjourney["newapi_user"] = str(settings.newapi_user)
    if settings.mj_key is not None:
        midjourney["mj_key"] = settings.mj_key.get_secret_value()
    if midjourney or settings.mj_url is not None:  # midjourney-proxy may be open: no key at all
        found[Provider.MIDJOURNEY] = Credential(midjourney)
    return found
