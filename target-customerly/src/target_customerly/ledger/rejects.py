"""The rejects file: each record that could not be applied, with its reason."""

from __future__ import annotations

import json
import os
import stat
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from pathlib import Path

    from target_customerly.operations import Origin

_PLACE = {"file": "_sdc_source_file", "row": "_sdc_source_lineno"}
"""What a reject says of a record that came from a file, and the column that holds it."""


MAY_BE_APPLIED = "it may have been applied"
"""Stands in the reason of what must not be sent twice without being asked for."""


class Rejects:
    """Appends rejects to a file that only its owner can read; made only when needed.

    Args:
        path: The file.

    Attributes:
        count: Rejects that were added.
        dates: Stream to its columns that are dates, which no record says of itself.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._lock = threading.Lock()
        self._file: int | None = None
        self._synced = True
        self.dates: dict[str, list[str]] = {}

    def add(
        self,
        origin: Origin,
        operation: str,
        reason: str,
        *,
        status: int | None = None,
        attempts: int = 0,
    ) -> None:
        """Keep a record that could not be applied.

        Args:
            origin: The record, where it came from.
            operation: What it asked for.
            reason: Why it was refused, stage first.
            status: The HTTP status; None where nothing was sent, or nothing came back.
            attempts: How often the request was tried.

        Raises:
            CustomerlyError: The file can't be written, as when the disk is full.
        """
        reject: dict[str, object] = {
            "stream": origin.stream,
            "operation": operation,
            "record": origin.record,
            "reason": reason,
            "status": status,
            "line": origin.line,
            "attempts": attempts,
            "at": datetime.now(UTC).isoformat(timespec="microseconds"),
        }
        for name, column in _PLACE.items():
            if (place := origin.record.get(column)) is not None:
                reject[name] = place
        if dates := self.dates.get(origin.stream):
            reject["dates"] = dates  # so that the line can be fed back without a SCHEMA
        with self._lock:
            try:
                self._write(_encoded(reject) + b"\n")
            except (OSError, ValueError) as error:
                raise self._complaint(error) from None
            self.count += 1

    def sync(self) -> None:
        """Make sure that what was added survives a crash.

        Raises:
            CustomerlyError: The file can't be written, as when the disk is full.
        """
        with self._lock:
            if self._file is None or self._synced:
                return
            try:
                os.fsync(self._file)
            except OSError as error:
                raise self._complaint(error) from None
            self._synced = True

    def close(self) -> None:
        """Close the file; what is to survive a crash is synced before."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _write(self, line: bytes) -> None:
        if self._file is None:
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
            is_new = not self.path.exists()
            self._file = os.open(self.path, flags, 0o600)
            self._make_private(is_new=is_new)
            line = self._torn_end() + line
        before = os.fstat(self._file).st_size
        self._synced = False
        written = 0
        try:
            while written < len(line):
                written += os.write(self._file, line[written:])
        except OSError:
            self._cut_back(before)
            raise

    def _make_private(self, *, is_new: bool) -> None:
        """Keep others from reading the file, and let it survive a crash, name and all."""
        assert self._file is not None  # noqa: S101
        if stat.S_ISREG(os.fstat(self._file).st_mode):
            os.fchmod(self._file, 0o600)
        if is_new:
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def _torn_end(self) -> bytes:
        """End the line that a killed run may have left unfinished."""
        assert self._file is not None  # noqa: S101
        try:
            size = os.fstat(self._file).st_size
            return b"\n" if size and os.pread(self._file, 1, size - 1) != b"\n" else b""
        except OSError:
            return b""  # no regular file, so it holds no earlier line

    def _cut_back(self, size: int) -> None:
        """Take away half a line, so that the file holds nothing but whole ones."""
        assert self._file is not None  # noqa: S101
        try:
            os.ftruncate(self._file, size)
        except OSError:
            return  # it ends in a torn line then, which the next run closes

    def _complaint(self, error: OSError | ValueError) -> CustomerlyError:
        why = getattr(error, "strerror", None) or error
        return CustomerlyError(
            f"The rejects file {self.path} can't be written ({why}): make room or "
            "change rejects_path, then run again. The state was not moved past the record."
        )


def _encoded(reject: dict[str, object]) -> bytes:
    try:
        return msgspec.json.encode(reject)
    except (TypeError, ValueError):  # half a letter, or another thing that only Python's JSON has
        return json.dumps(reject, default=str).encode()
