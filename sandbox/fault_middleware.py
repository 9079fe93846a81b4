"""The middleware of every emulated upstream: it counts the request, then applies the faults in force."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from http.client import responses

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from sandbox import control
from sandbox.faults import Armed, Fault, Faults
from sandbox.json_text import json_response
from sandbox.streams import CUT_AFTER, reset

ErrorBody = Callable[[int, str, str | None], object]  # (status, message, code) -> the body of an error
GRAPHQL_FAULTS = web.RequestKey("graphql faults", list[Armed])

PAGE = """<!doctype html>
<html><head><title>{status} {phrase}</title></head>
<body><center><h1>{status} {phrase}</h1></center><hr><center>nginx</center></body></html>
"""
NO_JSON = "upstream connect error or disconnect/reset before headers"


def label(method: str, resource: web.AbstractResource | None) -> str:
    """`GET /v1/media/{id}`; where no route matched, `GET unknown`."""
    return f"{method} {resource.canonical if resource is not None else 'unknown'}"


def middleware(requests: Counter[str], faults: Faults, error_body: ErrorBody) -> Middleware:
    """Counts and faults for one upstream, except for its control routes."""

    @web.middleware
    async def handle(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(control.PREFIX):
            return await handler(request)
        name = label(request.method, request.match_info.route.resource)
        requests[name] += 1
        if not faults:
            return await _real(error_body, request, handler)
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            body = b""  # the route that reads it refuses it
        text = request.path_qs + "\n" + body.decode("utf-8", "replace")
        armed = faults.matching(name, text)
        request[GRAPHQL_FAULTS] = [one for one in armed if one.fault.in_graphql]
        own = [one for one in armed if not one.fault.in_graphql]
        for one in own:
            one.spend()
        await asyncio.sleep(sum(one.fault.latency for one in armed))
        for one in own:
            if one.fault.cut_after is not None:
                request[CUT_AFTER] = one.fault.cut_after
        deciding = next((one.fault for one in own if one.fault.answers), None)
        if deciding is None:
            answer = await _real(error_body, request, handler)
        else:
            answer = await _answer(error_body, deciding, request, handler)
        await asyncio.sleep(sum(one.fault.answer_delay for one in armed))
        return answer

    return handle


async def _real(error_body: ErrorBody, request: web.Request, handler: Handler) -> web.StreamResponse:
    """The real answer; a path or method that does not exist is refused in the upstream's own shape."""
    try:
        return await handler(request)
    except web.HTTPClientError as error:
        return json_response(error_body(error.status, error.reason, None), status=error.status)


async def _answer(
    error_body: ErrorBody,
    fault: Fault,
    request: web.Request,
    handler: Handler,
) -> web.StreamResponse:
    if fault.answer_lost:
        await _real(error_body, request, handler)
    if fault.reset or fault.answer_lost:
        reset(request)
        return web.Response()
    if fault.truncated:
        return await _truncated(request, await _real(error_body, request, handler))
    status = fault.status or 200
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    phrase = responses.get(status, "Unknown")
    if fault.html:
        page = PAGE.format(status=status, phrase=phrase)
        return web.Response(status=status, headers=headers, text=page, content_type="text/html")
    if fault.not_json:
        return web.Response(status=status, headers=headers, text=NO_JSON, content_type="application/json")
    body = error_body(status, fault.message or phrase, fault.code)
    return json_response(body, status=status, headers=headers)


async def _truncated(request: web.Request, whole: web.StreamResponse) -> web.StreamResponse:
    body = whole.body if isinstance(whole, web.Response) else None
    if not isinstance(body, bytes):
        return whole  # nothing to cut: a redirect, a stream
    cut = web.StreamResponse(status=whole.status, headers=whole.headers)
    cut.content_length = len(body)
    await cut.prepare(request)
    await cut.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return cut
