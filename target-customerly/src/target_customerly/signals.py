"""SIGTERM and SIGINT: noted whenever they come, and followed where the run can be ended soundly.

Nothing is raised in the middle of other code, where it could be swallowed or leave things half
done. The thread that reads the input looks at what was noted before each piece of input and while
it waits. A thread of its own wakes those who wait for the API, and ends the process itself where
that is not enough: a STATE is only ever passed on when all before it is done, so it stays sound.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

EXIT_CODES = (128 + signal.SIGTERM, 128 + signal.SIGINT)
_GRACE = 1.5  # seconds to finish what is under way


class _Noted:
    """What was noted in this process."""

    number: int | None = None
    wake: tuple[int, int] | None = None


def end_at_once() -> None:
    """Let a signal end the process, without a word and without a traceback."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: os._exit(128 + number))


def note(number: int, _frame: FrameType | None = None) -> None:
    """Note that a signal came.

    Args:
        number: Which one.
    """
    if _Noted.number is None:
        _Noted.number = number
    if _Noted.wake is not None:
        os.write(_Noted.wake[1], b"!")


def check() -> None:
    """End the run where a signal came.

    Raises:
        SystemExit: One did.
    """
    if _Noted.number is not None:
        raise SystemExit(128 + _Noted.number)


def wait_for_input(file: int) -> None:
    """Wait until a file can be read.

    Args:
        file: Its descriptor.

    Raises:
        SystemExit: A signal came instead.
    """
    if _Noted.wake is not None:
        _wait_for_any(file, _Noted.wake[0])
    check()


def _wait_for_any(*files: int) -> None:
    """Wait until one of the files can be read; unlike select, poll takes any descriptor."""
    poll = select.poll()
    for file in files:
        poll.register(file, select.POLLIN)
    poll.poll()


class Watching:
    """Notes signals while a run goes on.

    Args:
        wake: Wakes those who wait for the API; called from a thread of its own.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="signals", daemon=True)

    def __enter__(self) -> Watching:
        check()
        _Noted.wake = os.pipe()
        self._thread.start()
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, note)
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        wake, _Noted.wake = _Noted.wake, None
        if wake is not None:
            os.write(wake[1], b".")
            self._thread.join()
            os.close(wake[0])
            os.close(wake[1])
        _Noted.number = None

    def _watch(self) -> None:
        if _Noted.wake is not None:
            _wait_for_any(_Noted.wake[0])
        if _Noted.number is None:
            return
        self._wake()
        if not self._ended.wait(_GRACE):
            os._exit(128 + _Noted.number)
