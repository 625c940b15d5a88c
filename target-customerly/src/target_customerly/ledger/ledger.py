"""The ledger: each record ends in it once, as applied, unchanged or rejected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

from target_customerly.ledger.rejects import Rejects
from target_customerly.ledger.snapshot import Snapshot
from target_customerly.ledger.state import write_state
from target_customerly.ledger.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from customerly.connection import Connection

    from target_customerly.operations import Operation, Origin
    from target_customerly.settings import Settings


class Ledger:
    """Keeps what became of records; thread-safe.

    Args:
        settings: The target's settings.
        connection: Which project the contacts are in.
        shows_progress: Whether a terminal gets a line that says how far the run is.

    Attributes:
        summary: Counts.

    Raises:
        CustomerlyError: The snapshot can't be used.
    """

    def __init__(
        self, settings: Settings, connection: Connection, *, shows_progress: bool = True
    ) -> None:
        self.summary = Summary(shows_progress=shows_progress)
        self._max_rejects = settings.max_rejects
        self._rejects = Rejects(settings.rejects_path)
        self._snapshot = (
            Snapshot(settings.snapshot_path, connection, settings.tags_mode)
            if settings.skip_unchanged and not settings.dry_run
            else None
        )
        self._without_columns: set[str] = set()

    def remember_dates(self, stream: str, dates: list[str]) -> None:
        """Let rejects of a stream say which of its columns are dates.

        Args:
            stream: Its name as it came in.
            dates: The columns.
        """
        self._rejects.dates[stream] = dates

    def see(self, stream: str, *, has_columns: bool) -> None:
        """Take in a stream, so that it has a line even if it brings nothing.

        Args:
            stream: Its name.
            has_columns: Whether its SCHEMA names columns of the source.
        """
        self.summary.see(stream)
        if not has_columns:
            self._without_columns.add(stream)

    def is_unchanged(self, operation: Operation) -> bool:
        """Tell whether an upsert would send just what was last accepted, and count it then.

        Args:
            operation: Of which no other one is under way about the same contact.

        Returns:
            False where nothing is remembered, or the operation is no upsert.
        """
        if self._snapshot is None or operation.action != "upsert":
            return False
        if not self._snapshot.holds(operation):
            return False
        self.summary.count(operation.origin.stream, unchanged=1)
        return True

    @property
    def has_snapshot(self) -> bool:
        """Whether it remembers what was last accepted (`skip_unchanged`)."""
        return self._snapshot is not None

    def forget(self, operations: Sequence[Operation]) -> None:
        """Forget what is remembered of contacts that are about to be changed.

        Args:
            operations: What is about to be sent.
        """
        if self._snapshot is not None:
            self._snapshot.forget(operations)

    def applied(self, stream: str, operations: Sequence[Operation], requests: int) -> None:
        """Take in operations that are applied.

        Args:
            stream: Theirs.
            operations: Accepted by the API.
            requests: What was sent, for the rejected ones of their batch too.
        """
        if self._snapshot is not None and operations and operations[0].action == "upsert":
            self._snapshot.record(operations)
        self.summary.count(stream, applied=len(operations), requests=requests)

    def reject(
        self,
        origin: Origin,
        operation: str,
        reason: str,
        *,
        status: int | None = None,
        attempts: int = 0,
    ) -> None:
        """Reject a record.

        Args:
            origin: The record as it came.
            operation: What it asked for, as far as that is known.
            reason: Why, stage first.
            status: The HTTP status; None where nothing was sent, or nothing came back.
            attempts: How often the request was tried.

        Raises:
            CustomerlyError: The rejects file can't be written.
        """
        self._rejects.add(origin, operation, reason, status=status, attempts=attempts)
        self.summary.count(origin.stream, rejected=1)

    def release(self, state: object) -> None:
        """Pass a STATE on, after the rejects that it covers are on the disk.

        Args:
            state: The STATE's value.

        Raises:
            CustomerlyError: Nobody reads it, or something can't be written.
        """
        self.sync()
        write_state(state)

    def check_sources(self) -> None:
        """Make sure, at the end, that no stream was a file that is not there.

        Raises:
            CustomerlyError: A stream had neither a column nor a record.
        """
        for stream in sorted(self._without_columns):
            if not self.summary.has_records(stream):
                raise CustomerlyError(
                    f"{stream}: the source has no column and no record: does the tap's setting "
                    "name a file that is there, with a header line?"
                )

    def sync(self) -> None:
        """Make sure that what was rejected survives a crash.

        Raises:
            CustomerlyError: The rejects file can't be written.
        """
        self._rejects.sync()

    def close(self) -> None:
        """Close the files."""
        self._rejects.close()
        if self._snapshot is not None:
            self._snapshot.close()

    @property
    def has_too_many_rejects(self) -> bool:
        """Whether the run must end with exit status 1 (`max_rejects`)."""
        return 0 <= self._max_rejects < self.summary.rejected

    def lines(self) -> list[str]:
        """Sum up.

        Returns:
            A line a stream, and one that says where the rejects are if there are any.
        """
        lines = self.summary.lines()
        if self._rejects.count:
            lines.append(
                f"{self._rejects.count} rejected: each is in {self._rejects.path} with its reason"
            )
        return lines
