"""The way of a record: intake, ordering, delivery, ledger; each stage knows only what follows."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from customerly.api import Api
from customerly.client import Client

from target_customerly.delivery.actions import Delivery
from target_customerly.intake.dry_run import DryRun
from target_customerly.intake.guards import DeleteGuard
from target_customerly.intake.mirror import Mirror
from target_customerly.intake.plan import BadRecord, StreamPlan, is_blank, plan_stream
from target_customerly.intake.resources import Context
from target_customerly.intake.rules import Rules
from target_customerly.ledger.ledger import Ledger
from target_customerly.ordering.keys import KeyMaker
from target_customerly.ordering.scheduler import Scheduler
from target_customerly.signals import check

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from customerly.connection import Connection

    from target_customerly.intake.rules import StreamRule
    from target_customerly.ledger.summary import Tally
    from target_customerly.operations import Operation, Origin, Record
    from target_customerly.settings import Settings

logger = logging.getLogger("target-customerly")

_AT_ONCE = 200  # operations that are scheduled, or looked for in the snapshot, together
_GRACE = 1.0  # seconds to wait for requests that are under way when the run is aborted


class Pipeline:
    """Applies records; `take` and `checkpoint` in the order of the input, then `close`.

    Args:
        settings: The target's settings.
        connection: How to reach the API.
        shows_progress: Whether a terminal gets a line that says how far it is.

    Raises:
        CustomerlyError: The snapshot can't be used.
    """

    def __init__(
        self, settings: Settings, connection: Connection, *, shows_progress: bool = True
    ) -> None:
        self._settings = settings
        self._rules = Rules(settings)
        self._context = Context(
            KeyMaker(),
            clears=settings.empty_values == "send",
            inlines_tags=settings.inlines_tags,
        )
        self._said: set[str] = set()
        self._client = Client(connection)
        api = Api(self._client)
        self._ledger = Ledger(
            settings, connection, mirrors=self._rules.mirrors, shows_progress=shows_progress
        )
        self._guard = DeleteGuard(settings, self._ledger.snapshot)
        self._waiting: list[Operation] = []
        self._mirrored: dict[str, StreamRule] = {}
        self._unreadable: set[str] = set()  # streams with a record of which nobody knows who it is
        membership = self._ledger.membership
        self._mirror = (
            None if membership is None else Mirror(api, membership, self._context.keys, settings)
        )
        self._dry_run = DryRun(api, self._ledger.summary) if settings.dry_run else None
        delivery = Delivery(api, self._ledger, settings)
        self._scheduler: Scheduler[Operation] = Scheduler(
            delivery.deliver,
            self._ledger.release,
            workers=connection.max_concurrency,
            check=check,
            limit=delivery.largest_batch,
        )

    def plan(self, stream: str, schema: Mapping[str, Any]) -> StreamPlan | None:
        """Plan how a stream is applied.

        Args:
            stream: Its name.
            schema: Its SCHEMA.

        Returns:
            The plan; None for a stream that is ignored.

        Raises:
            ConfigError: The stream maps to no resource, or two of its columns become one.
        """
        plan = plan_stream(
            stream, schema, self._rules, self._settings, self._context, self._warn_once
        )
        if plan is not None:
            columns = plan.columns
            if described := columns.described():
                self._say_once(logging.INFO, f"{stream}: {described}")
            self._ledger.see(stream, has_columns=not columns.are_none)
        return plan

    def remember_dates(self, stream: str, dates: list[str]) -> None:
        """Let rejects of a stream say which of its columns are dates, as they came in.

        Args:
            stream: Its name as it came in.
            dates: As of `schema_types.dates_of`.
        """
        self._ledger.remember_dates(stream, dates)

    def take(self, plan: StreamPlan, origin: Origin, record: Record) -> None:
        """Apply a record, soon, or reject it.

        Args:
            plan: Its stream's plan.
            origin: The record as it came.
            record: The record, after stream maps.

        Raises:
            CustomerlyError: A guard, or something that went wrong with an earlier record.
        """
        try:
            operation = plan.operation(origin, record)
        except BadRecord as error:
            if is_blank(record):
                self._ledger.blank(origin)
            else:
                self.reject(origin, error.operation, f"check: {error}")
            return
        if plan.rule.mirror and self._ledger.membership is not None:
            self._mirrored[origin.stream] = plan.rule
            self._ledger.membership.see(operation)
        if self._dry_run is not None:
            self._guard.check(operation)
            self._dry_run.take(plan.rule.resource, operation)
            return
        if self._ledger.snapshot is not None and not self._ledger.compares(operation):
            self.flush()
            if not self._is_unchanged(operation):
                self._guard.check(operation)
                self._scheduler.submit([operation])
            return
        self._guard.check(operation)
        self._waiting.append(operation)
        if len(self._waiting) >= _AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Schedule the operations that were held back so that they are looked at together.

        Raises:
            CustomerlyError: Something that went wrong with an earlier record.
        """
        if self._waiting:
            operations, self._waiting = self._waiting, []
            if self._ledger.snapshot is not None:
                operations = self._changed(operations)
            self._scheduler.submit(operations)

    def _changed(self, upserts: list[Operation]) -> list[Operation]:
        """Pick the upserts that differ from what was last accepted, or that may do so by then."""
        # In this order: what is under way may be finished, and remembered, in the next moment.
        touched = self._scheduler.touched([one.keys for one in upserts])
        same = self._ledger.same(upserts)
        sent: set[Hashable] = set()
        changed: list[Operation] = []
        unchanged: list[Operation] = []
        for each, is_touched, is_same in zip(upserts, touched, same, strict=True):
            if is_same and not is_touched and sent.isdisjoint(each.keys.own):
                unchanged.append(each)
            else:
                sent.update(each.keys.own)
                changed.append(each)
        self._ledger.unchanged(unchanged)
        return changed

    def reject(self, origin: Origin, operation: str, reason: str) -> None:
        """Reject a record that never became a request.

        Args:
            origin: The record.
            operation: What it asked for, as far as that is known.
            reason: Why.

        Raises:
            CustomerlyError: The rejects file can't be written.
        """
        self._unreadable.add(origin.stream)
        if self._dry_run is not None:
            self._dry_run.reject(origin, reason)
        else:
            self._ledger.reject(origin, operation, reason)

    def checkpoint(self, state: object) -> None:
        """Take a STATE; it is passed on when all before it is applied or rejected.

        Args:
            state: The STATE's value.

        Raises:
            CustomerlyError: Something that went wrong with an earlier record.
        """
        self.flush()
        if self._dry_run is None:
            self._scheduler.checkpoint(state)

    def mirror(self, stream: str) -> None:
        """Delete who left a mirrored stream, whose input is complete.

        Nobody is deleted where a record of the stream could not be read, or there was none, or
        where the run fails.

        Args:
            stream: Its name as it came in; one that is not mirrored is passed over.

        Raises:
            CustomerlyError: Something went wrong with a record, or too many would be deleted.
        """
        rule = self._mirrored.pop(stream, None)
        if rule is None or self._mirror is None or stream in self._unreadable:
            return
        self.flush()
        self._scheduler.drain()
        if self._ledger.has_too_many_rejects:
            return
        for operation in self._mirror.deletes(stream, rule, self._guard.count):
            self._guard.count += 1
            self._scheduler.submit([operation])

    def close(self) -> None:
        """Apply all that was taken, pass on the last STATE, and let go of everything.

        Raises:
            CustomerlyError: Something that went wrong with a record.
        """
        try:
            self.flush()
            self._scheduler.close()
            self._ledger.sync()
        finally:
            self._client.close()
            self._ledger.close()

    def check_sources(self) -> None:
        """Make sure, at the end, that no stream was a file that is not there.

        Raises:
            CustomerlyError: A stream had neither a column nor a record.
        """
        self._ledger.check_sources()

    def wake(self) -> None:
        """Wake who waits for the API: the run is about to be aborted."""
        self._client.rate_limiter.stop()

    def abort(self) -> None:
        """End at once: what has not begun is dropped, and STATE stays before it."""
        self._client.close()
        self._scheduler.abort(_GRACE)
        self._ledger.close()

    @property
    def has_too_many_rejects(self) -> bool:
        """Whether the run must end with exit status 1 (`max_rejects`)."""
        return self._ledger.has_too_many_rejects

    def tally(self, stream: str) -> Tally:
        """Say what became of a stream's records so far.

        Args:
            stream: Its name.

        Returns:
            The counts, as they are now.
        """
        return self._ledger.summary.tally(stream)

    def summary(self) -> list[str]:
        """Sum up.

        Returns:
            A line a stream, and one that says where the rejects are if there are any.
        """
        return self._ledger.lines()

    def _is_unchanged(self, operation: Operation) -> bool:
        return (
            self._ledger.snapshot is not None
            and not self._scheduler.touched([operation.keys])[0]
            and self._ledger.is_unchanged(operation)
        )

    def _warn_once(self, line: str) -> None:
        self._say_once(logging.WARNING, line)

    def _say_once(self, level: int, line: str) -> None:
        """Log, but not again where a SCHEMA comes once more."""
        if line not in self._said:
            self._said.add(line)
            logger.log(level, "%s", line)
