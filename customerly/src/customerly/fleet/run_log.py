"""What the log of `meltano run` says: how much was read and rejected, and why it failed."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

_STREAM = re.compile(r"(\w+): ([\d,]+) records, ([\d,]+) requests, .*")  # the tap's line a stream
_REJECTED = re.compile(r"(\w+): .* ([\d,]+) rejected, .*")  # the target's line a stream
_LEFT_OUT = re.compile(r"([\d,]+) records without .* were left out.*")  # the tap's warning
_NEVERTHELESS = "Block run completed"  # Meltano says so of a block that failed, too


class _Entry(msgspec.Struct):
    """A line of the log; what follows `level` is there where a plugin wrote it."""

    event: object = ""
    level: str = ""
    stdio: str | None = None
    producer: bool | None = None
    plugin_logger: str = ""


class RunLog:
    """Takes in the log of a run, line by line, as Meltano writes it in JSON.

    Attributes:
        records: Stream to the records that the extractor has read.
        requests: The requests that it has sent.
        rejects: Stream to the records that the extractor left out, or the loader rejected.
    """

    def __init__(self) -> None:
        self.records: Counter[str] = Counter()
        self.requests = 0
        self.rejects: Counter[str] = Counter()
        self._plugin_error = ""
        self._meltano_error = ""

    @property
    def error(self) -> str:
        """Why the run failed, on one line: the first thing that a connector complained of."""
        return " ".join((self._plugin_error or self._meltano_error).split())

    def add(self, line: bytes) -> None:
        """Take in a line.

        Args:
            line: The line; what is no JSON object is passed over.
        """
        try:
            entry = msgspec.json.decode(line, type=_Entry)
        except msgspec.MsgspecError:
            return
        if entry.level in {"error", "critical"}:
            self._add_error(str(entry.event), is_plugin=entry.stdio is not None)
        elif entry.producer:
            self._add_read(str(entry.event), entry.plugin_logger.rpartition(".")[2])
        elif (found := _REJECTED.fullmatch(str(entry.event))) and (number := _number(found[2])):
            self.rejects[found[1]] += number

    def _add_read(self, event: str, stream: str) -> None:
        if found := _STREAM.fullmatch(event):
            self.records[found[1]] += _number(found[2])
            self.requests += _number(found[3])
        elif found := _LEFT_OUT.fullmatch(event):
            self.rejects[stream] += _number(found[1])

    def _add_error(self, event: str, *, is_plugin: bool) -> None:
        if is_plugin:
            self._plugin_error = self._plugin_error or event
        elif event != _NEVERTHELESS:
            self._meltano_error = self._meltano_error or event


def records_in(log: Path) -> dict[str, int]:
    """Read how many records the extractor has read, from the log as text that Meltano keeps.

    Args:
        log: The file.

    Returns:
        Stream to its records; empty where the log says nothing of them, or can't be read.
    """
    counts: Counter[str] = Counter()
    try:
        with log.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if found := _STREAM.search(line.rstrip()):
                    counts[found[1]] += _number(found[2])
    except OSError:
        return {}
    return dict(counts)


def _number(text: str) -> int:
    return int(text.replace(",", ""))
