"""What the server leans on inside its libraries: each test names the symbol, and fails when it changes."""

from __future__ import annotations

import inspect
import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import CodeType

import orjson
import uvicorn
from dotenv import parser as dotenv_parser
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLRequestData
from strawberry.http.async_base_view import AsyncBaseHTTPView
from strawberry.http.streaming import MultipartSubscriptionTransport, SSETransport
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, MULTIPART_SUBSCRIPTION_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server import env_file
from server.graphql.endpoint import Endpoint
from server.graphql.events import Events, Parts
from server.graphql.websocket import Handler
from server.uvicorn_server import Server


def names(function: Callable[..., object]) -> list[str]:
    """Its parameters."""
    return list(inspect.signature(function).parameters)


def calls(caller: Callable[..., object]) -> tuple[str, ...]:
    """The names that a function's code uses."""
    code: CodeType = inspect.unwrap(caller).__code__
    return code.co_names


def test_strawberry_execute_single() -> None:
    """`AsyncBaseHTTPView.execute_single`: called with keywords for every operation without a stream."""
    assert names(AsyncBaseHTTPView.execute_single) == [
        *("self", "request", "request_adapter", "sub_response", "context", "root_value", "request_data")
    ]
    assert "execute_single" in calls(AsyncBaseHTTPView.execute_operation)
    assert Endpoint.execute_single is not AsyncBaseHTTPView.execute_single


def test_strawberry_get_pre_execution_close_reason() -> None:
    """`BaseGraphQLTransportWSHandler._get_pre_execution_close_reason`: a text closes the whole socket."""
    upstream = BaseGraphQLTransportWSHandler
    callers = [
        name
        for name, found in vars(upstream).items()
        if inspect.isfunction(found) and "_get_pre_execution_close_reason" in calls(found)
    ]

    assert isinstance(vars(upstream)["_get_pre_execution_close_reason"], staticmethod)
    assert names(upstream._get_pre_execution_close_reason) == ["error"]
    assert callers == ["_handle_pre_execution_error"]
    assert Handler._get_pre_execution_close_reason is not upstream._get_pre_execution_close_reason


def test_strawberry_send_message() -> None:
    """`BaseGraphQLTransportWSHandler.send_message`: every message of an operation, with plain errors."""
    upstream = BaseGraphQLTransportWSHandler
    sender = Operation.send_operation_message

    assert names(upstream.send_message) == ["self", "message"]
    assert "send_message" in calls(sender)
    assert all(
        "send_operation_message" in calls(found)
        for found in (Operation.send_initial_errors, Operation.send_next)
    )


def test_strawberry_stream_protocol() -> None:
    """`GraphQLRequestData.protocol`: `sse` makes the view send the stream that an execution returned."""
    data = GraphQLRequestData("{ a }", None, None, None)

    assert data.protocol == "http"
    assert "protocol" in calls(AsyncBaseHTTPView.run)
    assert "_create_streaming_response" in calls(AsyncBaseHTTPView.run)
    assert "process_result" in calls(AsyncBaseHTTPView._process_stream_result)
    assert names(AsyncBaseHTTPView._create_streaming_response) == [
        *("self", "request", "result", "protocol", "sub_response")
    ]
    assert "StreamingResponse" in calls(GraphQL.create_streaming_response)
    assert Endpoint.stream_transport_classes_by_protocol == {
        GRAPHQL_SSE_PROTOCOL: Events,
        MULTIPART_SUBSCRIPTION_PROTOCOL: Parts,
    }


def test_strawberry_stream_framing() -> None:
    """`MultipartSubscriptionTransport`: begins with a sign of life, whose boundary opens the first part."""
    upstream = MultipartSubscriptionTransport()

    assert upstream.send_initial_heartbeat
    assert upstream.protocol == Parts.protocol == "multipart-subscription"
    assert upstream.encode_next({"data": {}}, orjson_text).endswith("\r\n--graphql")
    assert upstream.encode_complete() == "\r\n--graphql--\r\n"
    assert SSETransport().heartbeat_message(orjson_text) == ": ping\r\n\r\n"
    assert SSETransport().heartbeat_interval == 15


def orjson_text(value: object) -> str:
    return orjson.dumps(value).decode()


async def test_uvicorn_capture_signals() -> None:
    """`uvicorn.Server.capture_signals`: around all of `serve`; `handle_exit` stops it, through `shutdown`."""
    server = Server(uvicorn.Config("none:none"))

    assert names(uvicorn.Server.capture_signals) == ["self"]
    assert names(uvicorn.Server.handle_exit) == ["self", "sig", "frame"]
    assert names(uvicorn.Server.shutdown) == ["self", "sockets"]
    assert "shutdown" in calls(uvicorn.Server._serve)
    assert calls(uvicorn.Server.serve)[:2] == ("capture_signals", "_serve")
    assert isinstance(server.capture_signals(), AbstractContextManager)


def test_uvicorn_http_tools_protocol() -> None:
    """`HttpToolsProtocol`: its parser's callbacks, and what they keep of the newest request."""
    upstream = HttpToolsProtocol
    callbacks = {
        "data_received": ["self", "data"],
        "on_message_begin": ["self"],
        "on_header": ["self", "name", "value"],
        "on_body": ["self", "body"],
        "_start_asgi_task": ["self", "cycle", "app"],
        "on_headers_complete": ["self"],
        "on_message_complete": ["self"],
        "on_response_complete": ["self"],
        "connection_made": ["self", "transport"],
        "connection_lost": ["self", "exc"],
        "send_400_response": ["self", "msg"],
    }

    assert {name: names(getattr(upstream, name)) for name in callbacks} == callbacks
    assert names(upstream) == ["config", "server_state", "app_state", "_loop"]
    assert {"cycle", "pipeline", "loop", "transport", "parser"} <= set(calls(upstream.__init__))
    assert {"response_started", "response_complete"} <= set(calls(RequestResponseCycle.__init__))
    assert {"scope", "body", "keep_alive", "default_headers"} <= set(calls(RequestResponseCycle.__init__))
    assert "_start_asgi_task" in calls(upstream.on_headers_complete)
    assert "write_paused" in calls(FlowControl.__init__)
    assert {"disconnected", "message_event"} <= set(
        calls(RequestResponseCycle.send) + calls(RequestResponseCycle.receive)
    )
    assert "on_response" in calls(RequestResponseCycle.send)
    assert "pipeline" in calls(upstream.on_response_complete)
    assert STATUS_LINE[408] == b"HTTP/1.1 408 Request Timeout\r\n"


def test_uvicorn_websockets_sansio_protocol() -> None:
    """`WebSocketsSansIOProtocol`: takes over the transport of a handshake, and hears when it is lost."""
    assert names(WebSocketsSansIOProtocol.connection_lost) == ["self", "exc"]
    assert {"ws_protocol_class", "set_protocol"} <= set(calls(HttpToolsProtocol.handle_websocket_upgrade))


def test_dotenv_parser() -> None:
    """`dotenv.parser.parse_stream`: bindings in order, a wrong line among them, with its number."""
    bindings = list(dotenv_parser.parse_stream(io.StringIO("A=1\n!! what\n# a comment\nexport B='$x'\nC\n")))

    assert vars(env_file)["parse_stream"] is dotenv_parser.parse_stream
    assert [(one.key, one.value, one.error, one.original.line) for one in bindings] == [
        ("A", "1", False, 1),
        (None, None, True, 2),
        (None, None, False, 3),
        ("B", "$x", False, 4),
        ("C", None, False, 5),
    ]
