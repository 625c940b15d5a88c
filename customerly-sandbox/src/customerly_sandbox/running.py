"""The sandbox as a process: it serves until it is stopped."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from customerly_sandbox.project import Project, Settings
from customerly_sandbox.server import Server

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
        ready: Called with the URLs, the token and the sizes, once it answers.
        listener: Called with each request to the API.
    """
    project = Project(settings)
    project.log.listener = listener
    server = Server(project, host, port)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    await server.start()
    ready(
        {
            "url": server.url,
            "control": server.control_url,
            "ui": f"{server.control_url}/ui",
            "token": settings.token,
            "users": len(project.store.orders["users"]),
            "leads": len(project.store.orders["leads"]),
        }
    )
    try:
        await stopped.wait()
    finally:
        await server.stop()
