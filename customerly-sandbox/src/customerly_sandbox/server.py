"""The sockets: HTTP in and out, latency, and connections that end badly when asked to."""

from __future__ import annotations

import asyncio
import logging
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import TYPE_CHECKING

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from customerly_sandbox.api import dispatch
from customerly_sandbox.control import urls as control
from customerly_sandbox.http.messages import Request, Response
from customerly_sandbox.models.persistence import save
from customerly_sandbox.state_file import keep_saved

if TYPE_CHECKING:
    from aiohttp.abc import AbstractStreamWriter
    from aiohttp.http_parser import RawRequestMessage
    from aiohttp.streams import StreamReader
    from aiohttp.web_protocol import RequestHandler

    from customerly_sandbox.http.request_log import RequestLog
    from customerly_sandbox.project import Project

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
    """Serves a `Project` over HTTP.

    Args:
        project: What answers.
        host: Address to listen on.
        port: 0: any that is free.
    """

    def __init__(self, project: Project, host: str = "127.0.0.1", port: int = 0) -> None:
        self.project = project
        self._host = host
        self._port = port
        self._runner: web.ServerRunner | None = None
        self._in_flight = 0
        self._saver: asyncio.Task[None] | None = None
        self._roots = {dispatch.ROOT: self._api, control.ROOT: self._control}
        self.url = ""
        self.control_url = ""

    async def start(self) -> None:
        """Listen, and set the URLs of the API and of the control routes.

        Raises:
            OSError: It cannot listen there, or cannot write the file of its state.
        """
        path = self.project.settings.state
        if path is not None:
            save(self.project.store, path)
            self._saver = asyncio.ensure_future(keep_saved(self.project, path))
        server = _Listener(self._answer, request_factory=_request, access_log=None, logger=_log)
        server.log = self.project.log
        self._runner = web.ServerRunner(server, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=1024)
        await site.start()
        port = self._runner.addresses[0][1]
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.url = f"http://{host}:{port}{dispatch.ROOT}"
        self.control_url = f"http://{host}:{port}{control.ROOT}"

    async def stop(self) -> None:
        """Stop listening, end what is open, and save the state."""
        await self.project.webhooks.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._saver is not None:
            self._saver.cancel()
            self._saver = None
        if self.project.settings.state is not None:
            save(self.project.store, self.project.settings.state)

    async def _answer(self, received: web.BaseRequest) -> web.StreamResponse:
        path = received.rel_url.raw_path
        for root, answer in self._roots.items():
            if path == root or path.startswith(f"{root}/"):
                request = Request(
                    received.method,
                    path[len(root) + 1 :],
                    dict(received.rel_url.query),
                    {name.lower(): value for name, value in received.headers.items()},
                    await received.read(),
                    received.rel_url.raw_query_string,
                )
                return await _deliver(received, await answer(request))
        return web.Response(status=404, text="This sandbox answers under /v1 and /_sandbox")

    async def _control(self, request: Request) -> Response:
        return control.answer(self.project, request)

    async def _api(self, request: Request) -> Response:
        log = self.project.log
        self._in_flight += 1
        log.most_at_once = max(log.most_at_once, self._in_flight)
        try:
            await asyncio.sleep(self.project.latency / 2)  # the way here, then the way back
            response = dispatch.answer(self.project, request)
            await asyncio.sleep(self.project.latency / 2 + response.delay)
            return response
        finally:
            self._in_flight -= 1


def _request(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """A request that may have a larger body than aiohttp takes by itself."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(
        message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY
    )


async def _deliver(request: web.BaseRequest, response: Response) -> web.StreamResponse:
    """Send an answer whole, in part, or not at all."""
    headers = {"Content-Type": response.content_type, **response.headers}
    if response.delivery == "whole":
        return web.Response(body=response.body, status=response.status, headers=headers)
    cut = web.StreamResponse(status=response.status, headers=headers)
    if response.delivery == "cut_off":
        cut.content_length = len(response.body)
        await cut.prepare(request)
        await cut.write(response.body[: len(response.body) // 2])
        await asyncio.sleep(0)
        if request.transport is not None:
            request.transport.close()
    elif request.transport is not None:
        # Without lingering the kernel sends a reset, not an orderly end.
        socket = request.transport.get_extra_info("socket")
        socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return cut
