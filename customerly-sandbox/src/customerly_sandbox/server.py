"""The sockets: HTTP in and out, latency, and connections that end badly when asked to."""

from __future__ import annotations

import asyncio
import logging
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from customerly_sandbox import control
from customerly_sandbox.calls import Call, Reply
from customerly_sandbox.saving import keep_saved, save
from customerly_sandbox.service import API_ROOT, CONTROL_ROOT, Service

if TYPE_CHECKING:
    from aiohttp.web_protocol import RequestHandler

    from customerly_sandbox.history import RequestLog

_log = logging.getLogger(__name__)
_log.addFilter(lambda record: not _is_the_callers(record))

LARGEST_BODY = 64 * 2**20
"""Bytes of a request's body; more is answered with 413."""


def _is_the_callers(record: logging.LogRecord) -> bool:
    """Whether a logged error is a caller's: a malformed request, or one that broke off."""
    error = record.exc_info[1] if record.exc_info else None
    return isinstance(error, (HttpProcessingError, ConnectionError))


class _Listener(web.Server):  # type: ignore[type-arg,unused-ignore]
    """aiohttp's server, which counts the connections that were made."""

    log: RequestLog

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Count one more."""
        self.log.connections += 1
        super().connection_made(handler, transport)


class Server:
    """Serves a `Service` over HTTP.

    Args:
        service: What answers.
        host: Address to listen on.
        port: 0: any that is free.
    """

    def __init__(self, service: Service, host: str = "127.0.0.1", port: int = 0) -> None:
        self.service = service
        self._host = host
        self._port = port
        self._runner: web.ServerRunner | None = None
        self._in_flight = 0
        self._saver: asyncio.Task[None] | None = None

    async def start(self) -> str:
        """Listen; returns the API's root URL.

        Raises:
            OSError: It cannot listen there, or cannot write the file of its state.
        """
        path = self.service.settings.state
        if path is not None:
            save(self.service.store, path)
            self._saver = asyncio.ensure_future(keep_saved(self.service, path))
        server = _Listener(self._answer, request_factory=_request, access_log=None, logger=_log)
        server.log = self.service.log
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        await site.start()
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{port}{API_ROOT}"

    async def stop(self) -> None:
        """Stop listening, end what is open, and save the state."""
        await self.service.webhooks.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._saver is not None:
            self._saver.cancel()
            self._saver = None
        if self.service.settings.state is not None:
            save(self.service.store, self.service.settings.state)

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.rel_url.raw_path
        call = Call(
            request.method,
            path,
            dict(request.rel_url.query),
            {name.lower(): value for name, value in request.headers.items()},
            await request.read(),
            request.rel_url.raw_query_string,
        )
        for root, answer in ((API_ROOT, self._api), (CONTROL_ROOT, self._control)):
            if path == root or path.startswith(f"{root}/"):
                call.path = path[len(root) + 1 :]
                return await _deliver(request, await answer(call))
        return web.Response(status=404, text="This sandbox answers under /v1 and /_sandbox")

    async def _control(self, call: Call) -> Reply:
        return control.answer(self.service, call)

    async def _api(self, call: Call) -> Reply:
        log = self.service.log
        self._in_flight += 1
        log.most_at_once = max(log.most_at_once, self._in_flight)
        try:
            await asyncio.sleep(self.service.latency / 2)  # the way here, then the way back
            reply = self.service.answer(call)
            await asyncio.sleep(self.service.latency / 2 + reply.delay)
            return reply
        finally:
            self._in_flight -= 1


def _request(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:  # noqa: ANN401
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY
    )


async def _deliver(request: web.BaseRequest, reply: Reply) -> web.StreamResponse:
    """Send an answer whole, in part, or not at all."""
    headers = {"Content-Type": reply.content_type, **reply.headers}
    if reply.delivery == "whole":
        return web.Response(body=reply.body, status=reply.status, headers=headers)
    cut = web.StreamResponse(status=reply.status, headers=headers)
    if reply.delivery == "cut_off":
        cut.content_length = len(reply.body)
        await cut.prepare(request)
        await cut.write(reply.body[: len(reply.body) // 2])
        await asyncio.sleep(0)
        if request.transport is not None:
            request.transport.close()
    elif request.transport is not None:
        # Without lingering the kernel sends a reset, not an orderly end.
        socket = request.transport.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return cut
