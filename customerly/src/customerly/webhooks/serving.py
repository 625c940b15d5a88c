"""Running the receiver on uvicorn: the socket, the signals, a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import resource
import signal
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import uvicorn

from customerly.errors import ConfigError
from customerly.webhooks.connections import Connections, guarded
from customerly.webhooks.receiver import HEALTH, Receiver

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from customerly.webhooks.keeper import Keeper
    from customerly.webhooks.limits import Limits

SHORTEST_SECRET = 8
_SAFE_SECRET = 20  # characters; a shorter one is taken with a warning
_SECRET = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@-]+")
_HOW = "write one with: openssl rand -hex 24"
_BACKLOG = 2_048  # connections that wait to be accepted
_AT_ONCE = 16  # connections accepted before any of them is read: fewer than there may be
_SPARE_FILES = 64  # for the spool, the log, the event loop


def read_secret(path: Path, tell: Callable[[str], None]) -> str:
    """Read the secret that stands in the webhook's URL.

    Args:
        path: A file that holds it, and nothing else.
        tell: Takes a warning.

    Returns:
        The secret.

    Raises:
        ConfigError: It cannot be read, or is none that keeps anybody out.
    """
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
        readable_by_others = path.stat().st_mode & 0o077
    except OSError as error:
        raise ConfigError(f"The secret file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The secret file {path} holds no text: {_HOW}") from error
    if not text:
        raise ConfigError(f"The secret file {path} is empty: {_HOW}")
    if text == HEALTH or len(text) < SHORTEST_SECRET:
        raise ConfigError(
            f"The secret in {path} is too easy to guess: "
            f"it needs {SHORTEST_SECRET} characters or more; {_HOW}"
        )
    if not _SECRET.fullmatch(text):
        raise ConfigError(
            f"The secret in {path} holds a character that has a meaning in a URL: {_HOW}"
        )
    if readable_by_others:
        tell(f"Warning: other users may read {path}: chmod 600 {path}")
    if len(text) < _SAFE_SECRET:
        tell(f"Warning: the secret in {path} is short; {_HOW}")
    return text


def bind(host: str, port: int) -> socket.socket:
    """Take the port.

    Args:
        host: A name or an address.
        port: 0 for any that is free.

    Returns:
        The socket, which lets connections queue up from now on.

    Raises:
        ConfigError: The address is not ours, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        taken = socket.socket(family, kind, protocol)
        try:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind(address)
            taken.listen(_BACKLOG)
        except OSError:
            taken.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError(f"Cannot listen on {host} port {port}: {reason}") from error
    return taken


def within_file_limit(limits: Limits) -> Limits:
    """Let this process open as many files as it has connections, or take fewer of them.

    Args:
        limits: As wished.

    Returns:
        As they can be.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wished = limits.connections + _SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wished:
        soft = wished if hard == resource.RLIM_INFINITY else min(wished, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return replace(limits, connections=max(soft - _SPARE_FILES, 1))
    return limits


class _Server(uvicorn.Server):
    """A server that a burst of connections keeps from no request.

    asyncio accepts as many connections in one go as its backlog is long. Had it accepted
    thousands, those that were there before would be closed to make room, unread.
    """

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and let the kernel hold the connections that wait.

        Args:
            sockets: From `bind`.
        """
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_BACKLOG)


def serve(receiver: Receiver, keeper: Keeper, listening: socket.socket, limits: Limits) -> None:
    """Take deliveries until SIGTERM or SIGINT; then finish what is in flight.

    Args:
        receiver: The application.
        keeper: Where it keeps what it takes.
        listening: From `bind`.
        limits: What connections may do.
    """
    connections = Connections(limits)
    server = _Server(
        uvicorn.Config(
            receiver,
            http=guarded(connections),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,  # a request's path holds the secret
            proxy_headers=False,
            server_header=False,
            backlog=_AT_ONCE,
            timeout_keep_alive=max(int(limits.idle_seconds), 1),
            timeout_graceful_shutdown=int(limits.body_seconds) + 2,
        )
    )
    # What strangers send is no news; uvicorn would warn of each malformed request.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    for number in (signal.SIGTERM, signal.SIGINT):
        # uvicorn raises the signal again when it has stopped: by then this does nothing more.
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    asyncio.run(_serve(server, listening, keeper, connections))


async def _serve(
    server: uvicorn.Server, listening: socket.socket, keeper: Keeper, connections: Connections
) -> None:
    background = [
        asyncio.create_task(work()) for work in (keeper.commit, keeper.prune, connections.sweep)
    ]
    try:
        await server.serve(sockets=[listening])
    finally:
        for task in background:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        keeper.close()
