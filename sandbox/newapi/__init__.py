"""new-api's Midjourney module, emulated: its task lists and its relay."""

from sandbox.midjourney.rows import Unit
from sandbox.mjproxy import MidjourneyProxy
from sandbox.newapi.dashboard import Dashboard
from sandbox.newapi.relay import Relay
from sandbox.newapi.server import Mode, NewApi
from sandbox.newapi.submits import Submits

__all__ = ["Mode", "NewApi", "emulate"]


def emulate(source: MidjourneyProxy, mode: Mode, unit: Unit) -> NewApi:
    """new-api in front of an emulated midjourney-proxy, ready to be served."""
    server = NewApi(source, mode, unit)
    for part in (Dashboard(server), Relay(server), Submits(server)):
        server.app.add_routes(part.routes())
    return server
