"""The sandbox as a process: it serves until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from customerly_sandbox.server import Server
from customerly_sandbox.service import API_ROOT, CONTROL_ROOT, Service, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.fields import Record


async def serve(
    settings: Settings,
    host: str,
    port: int,
    ready: Callable[[Record], None],
    listener: Callable[[Record], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT.

    Args:
        settings: What it starts with.
        host: Address to listen on.
        port: 0: any that is free.
        ready: Is told the URLs, the token and the sizes, once it answers.
        listener: Is told of each request to the API.
    """
    service = Service(settings)
    service.log.listener = listener
    server = Server(service, host, port)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    url = await server.start()
    ready(
        {
            "url": url,
            "control": url.removesuffix(API_ROOT) + CONTROL_ROOT,
            "token": settings.token,
            "users": len(service.store.orders["users"]),
            "leads": len(service.store.orders["leads"]),
        }
    )
    try:
        await stopped.wait()
    finally:
        await server.stop()
