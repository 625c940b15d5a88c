"""Processes that live no longer than who started them: each ends with its block, come what may."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

START_SECONDS = 30
STOP_SECONDS = 10


class ServiceError(Exception):
    """A service could not be started, or ended too early: `str()` is one clear line."""


def free_port() -> int:
    """Find a port that nobody listens on.

    Returns:
        A port of the loopback interface.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def is_free(port: int) -> bool:
    """Tell whether a service can listen on a port.

    Args:
        port: A port of the loopback interface.

    Returns:
        False where another process has it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def running(
    command: Sequence[Any],
    *,
    name: str,
    log: Path,
    ready: Callable[[], bool],
    stop: signal.Signals = signal.SIGTERM,
    **options: Any,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a service for as long as the block lasts.

    It gets a session of its own, so that a Ctrl-C meant for us does not reach it first.

    Args:
        command: What to run.
        name: What a message calls it.
        log: Where its output goes.
        ready: Tells whether it answers yet.
        stop: The signal that ends it in order.
        **options: More of `subprocess.Popen`'s.

    Yields:
        The process, once it is ready.

    Raises:
        ServiceError: It ended, or did not get ready in time; the line quotes its log.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )
    try:
        _await(process, ready, name, log)
        yield process
    finally:
        end(process, stop)


def end(process: subprocess.Popen[Any], stop: signal.Signals = signal.SIGTERM) -> None:
    """End a process and all that it started.

    Args:
        process: The process; it may have ended.
        stop: The signal that ends it in order; what is still there a while later is killed.
    """
    family = descendants(process.pid)
    if process.poll() is None:
        process.send_signal(stop)
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    process.wait()


def descendants(pid: int) -> list[psutil.Process]:
    """List a process and all that it started and that they started.

    Args:
        pid: The process.

    Returns:
        Those that are there; none where the process is gone.
    """
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


@contextmanager
def interruptible() -> Iterator[None]:
    """End the block in order at Ctrl-C, at a closed terminal and at a polite kill.

    The first signal raises KeyboardInterrupt, further ones are ignored while things are stopped.
    Whatever is left of our own children after the block is killed.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(*_: object) -> None:
        for each in signals:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in signals:
        signal.signal(each, interrupt)
    try:
        yield
    finally:
        for orphan in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                orphan.kill()


def _await(
    process: subprocess.Popen[bytes], ready: Callable[[], bool], name: str, log: Path
) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            lines = log.read_text(errors="replace").strip().splitlines()
            raise ServiceError(f"{name} could not start: {lines[-1] if lines else 'no word why'}")
        if ready():
            return
        time.sleep(0.05)
    raise ServiceError(f"{name} does not answer after {START_SECONDS} s; its log is {log}")
