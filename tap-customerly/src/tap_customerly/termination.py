"""How a signal ends the process: soon, without a traceback, whatever it is doing."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 1.5  # seconds until a process ends that can't end by itself


@contextmanager
def signals_by_default() -> Iterator[None]:
    """Let signals end the process as the system does it, before and after a run has its own way.

    Python would raise KeyboardInterrupt, in the middle of an import for instance.
    """
    _set_all(signal.SIG_DFL)
    try:
        yield
    finally:
        _set_all(signal.SIG_DFL)


def end_by(signum: int, message: str) -> NoReturn:
    """End the process after a signal; further ones are passed over.

    Args:
        signum: The signal.
        message: What to write to standard error.

    Raises:
        SystemExit: With the status by which a shell knows the signal.
    """
    _set_all(signal.SIG_IGN)
    status = 128 + signum
    # Where the exit is swallowed, or standard output is full and nobody reads it.
    timer = threading.Timer(_PATIENCE, os._exit, (status,))
    timer.daemon = True
    timer.start()
    os.write(2, f"{message}\n".encode())  # a logger could be in the middle of a line
    raise SystemExit(status)


def _set_all(handler: signal.Handlers) -> None:
    if threading.current_thread() is threading.main_thread():
        for number in _SIGNALS:
            signal.signal(number, handler)
