"""The ledger: each record ends in it once, as applied, unchanged, skipped, blank or rejected."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

from target_customerly.ledger.database import Database
from target_customerly.ledger.log import OperationLog
from target_customerly.ledger.membership import Membership
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
        mirrors: Whether a stream is mirrored, which needs the snapshot.

    Attributes:
        summary: Counts.
        snapshot: What was last accepted; None where it is not kept.
        membership: Which contacts mirrored streams hold; None where there is no snapshot.

    Raises:
        CustomerlyError: A file can't be used.
    """

    def __init__(
        self,
        settings: Settings,
        connection: Connection,
        *,
        mirrors: bool = False,
        shows_progress: bool = True,
    ) -> None:
        self.summary = Summary(shows_progress=shows_progress)
        self.snapshot: Snapshot | None = None
        self.membership: Membership | None = None
        self._settings = settings
        self._database: Database | None = None
        self._rejects = Rejects(settings.rejects_path)
        self._without_columns: set[str] = set()
        wanted = settings.skip_unchanged or mirrors or settings.max_deletes_percent is not None
        if wanted and not settings.dry_run:
            self._database = Database(settings.snapshot_path, connection)
            self.snapshot = Snapshot(self._database, settings.tags_mode)
            self.membership = Membership(self._database)
        self._log: OperationLog | None = None
        if settings.log_path and not settings.dry_run:
            self._log = OperationLog(settings.log_path, keys=settings.log_keys)

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

    # --- what is not sent ----------------------------------------------------------------------

    def compares(self, operation: Operation) -> bool:
        """Tell whether an operation is left out where it is the `same` as what was last accepted.

        Args:
            operation: What a record asks for.
        """
        skips = self._settings.skip_unchanged and self.snapshot is not None
        return skips and operation.action == "upsert"

    def same(self, upserts: Sequence[Operation]) -> list[bool]:
        """Tell of upserts whether they would send just what was last accepted.

        Args:
            upserts: By address.
        """
        return [] if self.snapshot is None else self.snapshot.same(upserts)

    def is_unchanged(self, operation: Operation) -> bool:
        """Tell whether an operation would change nothing, and enter it as unchanged then.

        Args:
            operation: Of which no other one is under way about the same contact.

        Returns:
            False where nothing is remembered, or the operation is none that could be left out.
        """
        if self.snapshot is None:
            return False
        if operation.action == "delete":
            unchanged = self.snapshot.is_gone(operation)
        else:
            updates = operation.action == "update" and operation.email is not None
            unchanged = updates and self._settings.skip_unchanged
            unchanged = unchanged and self.snapshot.same([operation])[0]
        if unchanged:
            self.unchanged([operation])
        return unchanged

    def unchanged(self, operations: Sequence[Operation]) -> None:
        """Enter operations as unchanged.

        Args:
            operations: What would have changed nothing.
        """
        if self.membership is not None:
            self.membership.add([one for one in operations if one.action != "delete"])
        for stream in {one.origin.stream for one in operations}:
            self._enter([one for one in operations if one.origin.stream == stream], "unchanged")

    def skip(self, operation: Operation) -> None:
        """Enter an operation as skipped.

        Args:
            operation: An insert of a contact that is there, or an update of one that is not.
        """
        self._enter([operation], "skipped")

    def blank(self, origin: Origin) -> None:
        """Enter a record of which nothing is filled.

        Args:
            origin: The record as it came.
        """
        self.summary.count(origin.stream, blank=1)

    def has(self, operation: Operation) -> bool:
        """Tell whether the snapshot knows an operation's contact to be there.

        Args:
            operation: About a contact.
        """
        return self.snapshot is not None and self.snapshot.has(operation)

    # --- what is sent --------------------------------------------------------------------------

    def start(self, operations: Sequence[Operation], *, changes_contacts: bool) -> None:
        """Take in operations that are about to be sent.

        Args:
            operations: Of one batch.
            changes_contacts: Whether what is remembered of their contacts may become untrue.
        """
        if self._log is not None:
            now = datetime.now(UTC)
            for operation in operations:
                operation.started_at = now
        if self.snapshot is not None and changes_contacts:
            self.snapshot.forget(operations)

    def applied(self, stream: str, operations: Sequence[Operation], requests: int) -> None:
        """Enter operations as applied.

        Args:
            stream: Theirs.
            operations: Of one action, accepted by the API.
            requests: What was sent, for the rejected ones of their batch too.
        """
        if self.snapshot is not None and self.membership is not None and operations:
            action = operations[0].action
            if action in {"upsert", "insert", "update"}:
                self.snapshot.record(operations)
                self.membership.add(operations)
            elif action == "delete":
                self.snapshot.deleted(operations)
                self.membership.remove(operations)
        self._enter(operations, "applied")
        self.summary.count(stream, requests=requests)

    def refuse(
        self, operation: Operation, reason: str, *, status: int | None, attempts: int
    ) -> None:
        """Enter an operation as rejected.

        Args:
            operation: What the API refused.
            reason: Why, stage first.
            status: The HTTP status; None where nothing came back.
            attempts: How often the request was tried.

        Raises:
            CustomerlyError: The rejects file can't be written.
        """
        origin = operation.origin
        self._rejects.add(origin, operation.name, reason, status=status, attempts=attempts)
        self._enter([operation], "rejected", reason)

    def reject(self, origin: Origin, operation: str, reason: str) -> None:
        """Enter a record as rejected before anything was sent.

        Args:
            origin: The record as it came.
            operation: What it asked for, as far as that is known.
            reason: Why, stage first.

        Raises:
            CustomerlyError: The rejects file can't be written.
        """
        self._rejects.add(origin, operation, reason)
        if self._log is not None:
            self._log.write_unreadable(origin, operation, "rejected", reason)
        self.summary.count(origin.stream, rejected=1)

    def _enter(self, operations: Sequence[Operation], status: str, reason: str = "") -> None:
        if operations:
            if self._log is not None:
                self._log.write(operations, status, reason)
            self.summary.count(operations[0].origin.stream, **{status: len(operations)})

    # --- STATE, and the end --------------------------------------------------------------------

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
        for each in (self._log, self._database):
            if each is not None:
                each.close()

    @property
    def has_too_many_rejects(self) -> bool:
        """Whether the run must end with exit status 1 (`max_rejects`, `max_rejects_percent`)."""
        most, percent = self._settings.max_rejects, self._settings.max_rejects_percent
        if percent is not None and self.summary.rejects_more_than(percent):
            return True
        return 0 <= most < self.summary.rejected and (percent is None or most > 0)

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
