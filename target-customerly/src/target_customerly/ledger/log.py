"""The log: a line of JSON for each operation, to be loaded into a warehouse."""

from __future__ import annotations

import hashlib
import os
import threading
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import msgspec
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from target_customerly.operations import Operation, Origin


class OperationLog:
    """Appends to a file that only its owner can read; thread-safe.

    Args:
        path: The file.
        keys: Whether addresses and user ids are written as they are, in place of their digests.

    Raises:
        CustomerlyError: The file can't be written.
    """

    def __init__(self, path: Path, *, keys: bool) -> None:
        self._path = path
        self._keys = keys
        self._run = str(uuid.uuid4())
        self._lock = threading.Lock()
        try:
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._complaint(error) from None

    def write(self, operations: Iterable[Operation], status: str, reason: str = "") -> None:
        """Log operations.

        Args:
            operations: What records asked for.
            status: `applied`, `unchanged`, `skipped` or `rejected`.
            reason: Why they were rejected.

        Raises:
            CustomerlyError: The file can't be written.
        """
        now = _moment(datetime.now(UTC))
        self._append(
            {
                **self._record(one.origin, one.name, status, reason or None),
                "key": self._key(one),
                "attempts": one.attempts,
                "started_at": _moment(one.started_at) if one.started_at else now,
                "finished_at": now,
            }
            for one in operations
        )

    def write_unreadable(self, origin: Origin, operation: str, status: str, reason: str) -> None:
        """Log a record that never became an operation.

        Args:
            origin: The record.
            operation: What it asked for, as far as that is known.
            status: `skipped` or `rejected`.
            reason: Why.

        Raises:
            CustomerlyError: The file can't be written.
        """
        now = _moment(datetime.now(UTC))
        line = self._record(origin, operation, status, reason)
        self._append([{**line, "attempts": 0, "started_at": now, "finished_at": now}])

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _record(
        self, origin: Origin, operation: str, status: str, reason: str | None
    ) -> dict[str, object]:
        return {
            "run": self._run,
            "stream": origin.stream,
            "line": origin.line,
            "key": None,
            "operation": operation,
            "status": status,
            "reason": reason,
        }

    def _key(self, operation: Operation) -> str | None:
        name = operation.email or operation.user_id
        if not name or self._keys:
            return name or None
        return hashlib.sha256(name.strip().lower().encode()).hexdigest()

    def _append(self, lines: Iterable[dict[str, object]]) -> None:
        content = b"".join(msgspec.json.encode(line) + b"\n" for line in lines)
        with self._lock:
            try:
                while content and self._file >= 0:
                    content = content[os.write(self._file, content) :]
            except OSError as error:
                raise self._complaint(error) from None

    def _complaint(self, error: OSError) -> CustomerlyError:
        return CustomerlyError(
            f"The log {self._path} can't be written ({error.strerror}): make room or change "
            "log_path, then run again"
        )


def _moment(when: datetime) -> str:
    return when.isoformat(timespec="microseconds")
