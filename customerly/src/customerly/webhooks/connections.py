"""Connections that cannot pile up: uvicorn's HTTP protocol with limits of its own.

uvicorn closes idle connections only after a first answer, bounds no request head, and where there
are too many connections it refuses every request, the good ones too. Here a connection without a
request in progress is closed when it stayed so for too long, or, longest idle first, when there
are too many: somebody who opens thousands of them keeps nobody else out.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from customerly.webhooks.limits import Limits

_SWEEP = 1.0  # seconds between two looks for connections that were idle for too long


class Connections:
    """All open connections that have no request in progress, longest idle first.

    Args:
        limits: How many may be open, and idle for how long.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._idle: OrderedDict[GuardedProtocol, float] = OrderedDict()
        self._open: dict[GuardedProtocol, None] = {}

    def opened(self, connection: GuardedProtocol) -> None:
        """Note a new connection, and close another one where there are too many.

        Args:
            connection: The new one.
        """
        if len(self._open) >= self.limits.connections:
            longest_idle = next(iter(self._idle), connection)
            longest_idle.cut()
        if not connection.is_cut:
            self._open[connection] = None
            self.idle(connection)

    def idle(self, connection: GuardedProtocol) -> None:
        """Note that a connection has no request in progress from now on."""
        if connection in self._open:
            self._idle[connection] = time.monotonic()

    def busy(self, connection: GuardedProtocol) -> None:
        """Note that a request has come in on a connection."""
        self._idle.pop(connection, None)

    def closed(self, connection: GuardedProtocol) -> None:
        """Forget a connection."""
        self._open.pop(connection, None)
        self._idle.pop(connection, None)

    async def sweep(self) -> None:
        """Close what was idle for too long, until this is cancelled."""
        while True:
            await asyncio.sleep(_SWEEP)
            oldest = time.monotonic() - self.limits.idle_seconds
            while self._idle and next(iter(self._idle.values())) < oldest:
                next(iter(self._idle)).cut()


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol for one connection, that tells `connections` of it and counts bytes.

    A subclass made by `guarded` knows its `connections`: uvicorn passes none of our arguments.
    """

    guard: Connections

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_cut = False
        self._overhead = 0  # bytes of this request that are not body
        self._body = 0

    def cut(self) -> None:
        """Close the connection at once, whatever is under way."""
        self.is_cut = True
        self.guard.closed(self)
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Count the connection in."""
        super().connection_made(transport)
        self.guard.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the connection out."""
        self.guard.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Let uvicorn have the bytes, unless they come to too much."""
        if self.is_cut:
            return
        limits = self.guard.limits
        self._overhead += len(data)  # what of it is body is taken off again in `on_body`
        super().data_received(data)
        # A body of one-byte chunks is five parts frame and one part body.
        allowed = limits.head_bytes + 5 * min(self._body, limits.body_bytes)
        if self._overhead > allowed or self._body > limits.discarded_bytes:
            self.cut()

    def on_message_begin(self) -> None:
        """Begin to count a request's bytes."""
        self._body = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """From here on the application bounds what the request may take."""
        super().on_headers_complete()
        self.guard.busy(self)

    def on_body(self, body: bytes) -> None:
        """Count body as body."""
        self._overhead -= len(body)
        self._body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Count what comes next as the next request's."""
        self._overhead = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Without a next request the connection is idle."""
        next_is_here = bool(self.pipeline)
        super().on_response_complete()
        if not next_is_here:
            self.guard.idle(self)


def guarded(connections: Connections) -> type[GuardedProtocol]:
    """Make the protocol class that uvicorn is to use.

    Args:
        connections: Where its connections are counted.

    Returns:
        A subclass bound to them.
    """
    return type("BoundProtocol", (GuardedProtocol,), {"guard": connections})
