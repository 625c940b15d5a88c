"""Reading the input: a line of JSON after another, each with its number."""

from __future__ import annotations

import io
import json
import logging
import math
import os
import sys
from collections import Counter
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

import msgspec
from singer_sdk.singerlib.encoding.base import GenericSingerReader
from singer_sdk.singerlib.exceptions import InvalidInputLine

from target_customerly.signals import check, wait_for_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

logger = logging.getLogger("target-customerly")

_PIECE = 2**18  # bytes
_MOST_DIGITS = 4_000  # of a whole number that Python reads
_decode = msgspec.json.Decoder().decode


class LineReader(GenericSingerReader[bytes]):
    """Reads Singer messages, and lines of a rejects file, which say nothing of their type.

    Attributes:
        line: Number of the line being read, from 1.
        too_large: Where a number stands in it that nothing can hold, as `attributes.score`, which
            is read as text; empty where there is none.
        pause: Called before it waits for more input.
    """

    line = 0
    too_large = ""
    _warned_of_nan = False
    pause: Callable[[], None] = staticmethod(lambda: None)

    @property
    def default_input(self) -> IO[bytes]:
        """Standard input; without one there is nothing to read."""
        return sys.stdin.buffer if sys.stdin else io.BytesIO()

    def deserialize_json(self, line: bytes) -> dict[str, Any]:
        """Decode a line.

        Args:
            line: The line, text or bytes.

        Returns:
            The message.

        Raises:
            InvalidInputLine: It is no JSON object; the complaint names its number, not its text.
        """
        message: object
        self.too_large = ""
        try:
            message = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            message = self._leniently(line, error)
        if not isinstance(message, dict):
            raise InvalidInputLine(f"Line {self.line} of the input is no Singer message")
        return message

    def _leniently(self, line: bytes | str, error: Exception) -> object:
        """Read what msgspec does not take: NaN, 1e400, half a letter, a BOM before."""
        try:
            text = line.decode("utf-8-sig") if isinstance(line, bytes) else line.lstrip("\ufeff")
            message = json.loads(
                text, parse_constant=self._constant, parse_float=_decimal, parse_int=_integer
            )
            return self._whole(message, "")
        except (ValueError, RecursionError):
            raise InvalidInputLine(
                f"Line {self.line} of the input is not valid JSON ({error}). All before it was "
                "applied; mend or remove the line and run again."
            ) from None

    def _constant(self, name: str) -> _TooLarge | None:
        """Read `NaN` as a blank, which it is where pandas writes it, and say so once."""
        if name != "NaN":
            return _TooLarge(name)
        if not self._warned_of_nan:
            self._warned_of_nan = True
            logger.warning(
                "Line %d of the input holds NaN, which JSON does not have: there and in all later "
                "lines it is taken as blank",
                self.line,
            )
        return None

    def _whole(self, value: object, where: str) -> object:
        """Put U+FFFD for each half of a surrogate pair, and text for a number that is too large."""
        if isinstance(value, _TooLarge):
            self.too_large = where.removeprefix(".record.")
        if isinstance(value, str):
            return _mended(value)
        if isinstance(value, list):
            return [self._whole(item, where) for item in value]
        if isinstance(value, dict):
            return {
                _mended(key): self._whole(item, f"{where}.{key}") for key, item in value.items()
            }
        return value

    def process_lines(  # the SDK's own loop does not count lines, nor skip blank ones
        self,
        file_input: IO[bytes] | None,
        callbacks: dict[str, Callable[[dict[str, Any]], None]],
    ) -> Counter[str]:
        """Read all lines and hand each message to its callback.

        Args:
            file_input: Where to read; standard input where None.
            callbacks: Type of message to what takes it.

        Returns:
            How many messages of each type there were.

        Raises:
            InvalidInputLine: A line is no message of a known type.
        """
        counts: Counter[str] = Counter()
        started = _now()
        for line in self._input_lines(file_input):
            check()
            if not line or line.isspace():
                continue
            message = self.deserialize_json(line)
            kind = message.get("type")
            if kind is None and "record" in message and "reason" in message:
                if started <= str(message.get("at")) <= _now():
                    continue  # this run's own: `cat` reads what is appended meanwhile
                kind = "RECORD"  # a line of a rejects file, fed back
            callback = callbacks.get(kind) if isinstance(kind, str) else None
            if callback is None:
                raise InvalidInputLine(
                    f"Line {self.line} of the input is no Singer message of a known type"
                )
            callback(message)
            counts[str(kind)] += 1
        return counts

    def _input_lines(self, file_input: IO[bytes] | None) -> Iterator[bytes]:
        """Yield the input's lines, as bytes where they can be had: whatever the locale."""
        source = file_input or self.default_input
        self.line = 0
        try:
            for line in _lines(_pieces(source, self.pause)):
                self.line += 1
                yield line
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text in UTF-8"
            raise InvalidInputLine(
                f"The input can't be read after line {self.line}: {why}. All before was applied."
            ) from None


class _TooLarge(str):
    """A number that nothing can hold, as it is written."""

    __slots__ = ()


def _decimal(text: str) -> float | _TooLarge:
    value = float(text)
    return value if math.isfinite(value) else _TooLarge(text)


def _integer(text: str) -> int | _TooLarge:
    return int(text) if len(text) < _MOST_DIGITS else _TooLarge(text)


def _mended(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _pieces(source: IO[Any], pause: Callable[[], None]) -> Iterator[bytes]:
    """Read what there is, again and again; a signal ends it while it waits."""
    try:
        file = source.fileno()
    except (OSError, AttributeError):  # what only looks like a file
        binary = getattr(source, "buffer", source)
        while piece := binary.read(_PIECE):
            yield piece if isinstance(piece, bytes) else piece.encode()
        return
    while True:
        pause()
        wait_for_input(file)
        piece = os.read(file, _PIECE)
        if not piece:
            return
        yield piece


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Split what was read at each end of a line, wherever a piece ends."""
    begun: list[bytes] = []
    for piece in pieces:
        first, *rest = piece.split(b"\n")
        begun.append(first)
        if rest:
            yield b"".join(begun)
            yield from rest[:-1]
            begun = [rest[-1]]
    if last := b"".join(begun):
        yield last


def _now() -> str:
    return datetime.now(UTC).isoformat()
