"""How far a read is: a line that is renewed on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_ON_TERMINAL = 0.5  # seconds between two lines
_IN_LOG = 10.0
_ERASE_LINE = "\r\x1b[K"


class Progress:
    """Counts a stream's records, and shows how far it is.

    Args:
        stream: Name of the stream that is read.
        log: Takes a line for the log.
        clock: Seconds, never back.
    """

    def __init__(
        self,
        stream: str,
        log: Callable[[str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._log = log
        self._clock = clock
        self._on_terminal = sys.stderr.isatty()
        self._started = self._shown = clock()
        self._is_line_open = False
        self.records = 0
        """Records so far."""

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return self._clock() - self._started

    def add(self, count: int, left: int | None = None) -> None:
        """Count records, and show a line where one is due.

        Args:
            count: Records that were written since the last call.
            left: About how many are still to be read; None while that is unknown.
        """
        self.records += count
        now = self._clock()
        if now - self._shown < (_ON_TERMINAL if self._on_terminal else _IN_LOG):
            return
        self._shown = now
        line = f"{self._stream}: {self.records:,} records{self._share(left)}{self._rate()}"
        if self._on_terminal:
            self._is_line_open = True
            self._write(line)
        else:
            self._log(line)

    def close(self) -> None:
        """Take the line on the terminal away."""
        if self._is_line_open:
            self._write("")

    def _share(self, left: int | None) -> str:
        if not left:
            return ""
        done = 100 * self.records / (self.records + left)
        return f", {done:.0f} %, about {left:,} to go"

    def _rate(self) -> str:
        return f" ({self.records / self.seconds:,.0f}/s)" if self.seconds else ""

    @staticmethod
    def _write(line: str) -> None:
        sys.stderr.write(_ERASE_LINE + line)
        sys.stderr.flush()
