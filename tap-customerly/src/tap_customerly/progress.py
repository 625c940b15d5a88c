"""How far a long read is, on a terminal; silent in a pipe, where the SDK's metrics speak."""

from __future__ import annotations

import sys
import time

_INTERVAL = 0.5  # seconds between two looks at the screen
_ERASE_LINE = "\r\x1b[K"


class ProgressLine:
    """Shows one line that is written over and over.

    Args:
        stream: Name of the stream that is read.
    """

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._on = sys.stderr.isatty()
        self._started = self._shown = time.monotonic()
        self._read = 0

    def add(self, count: int, left: int | None = None) -> None:
        """Count what was read; the line is renewed twice a second at most.

        Args:
            count: Records that were read since the last call.
            left: About how many are still to be read, where that is known.
        """
        self._read += count
        now = time.monotonic()
        if self._on and now - self._shown >= _INTERVAL:
            self._shown = now
            rate = self._read / (now - self._started)
            ahead = f", about {left:,} to go" if left else ""
            self._show(f"{self._stream}: {self._read:,} read{ahead} ({rate:,.0f}/s)")

    def close(self) -> None:
        """Take the line away."""
        if self._on and self._shown > self._started:
            self._show("")

    @staticmethod
    def _show(line: str) -> None:
        sys.stderr.write(_ERASE_LINE + line)
        sys.stderr.flush()
