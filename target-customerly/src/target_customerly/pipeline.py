"""A record's way: understood, guarded, scheduled, applied, and settled exactly once."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from customerly.api import Api
from customerly.client import Client
from customerly.errors import ContactMissing, CustomerlyError, Refused, RequestFailed

from target_customerly.actions import Actions
from target_customerly.columns import Columns
from target_customerly.keys import KeyMaker
from target_customerly.rejects import Rejects
from target_customerly.report import Report
from target_customerly.resources import RESOURCES, Resource
from target_customerly.schedule import Scheduler
from target_customerly.snapshot import Snapshot
from target_customerly.values import BadValue

if TYPE_CHECKING:
    from collections.abc import Mapping

    from customerly.api import Kind
    from customerly.connection import Connection

    from target_customerly.operations import Operation, Origin, Record
    from target_customerly.settings import Settings, StreamRule

logger = logging.getLogger("target-customerly")

# Actions that can put many contacts into one request.
_IN_BATCHES = {"upsert", "tag", "untag", "make_tag"}
_LOOK_UPS = 10  # users to look up one after another before they are updated together
_OK = 200  # HTTP status of an answer that names the refused ones
_SAMPLES = 5  # upserts of a stream that a dry run compares with what the API has


@dataclass
class StreamPlan:
    """How a stream's records are applied; made from its SCHEMA.

    Attributes:
        stream: The stream's name.
        rule: What the settings say of it.
        resource: What its records are.
        columns: What its columns become.
        samples: How many more records a dry run compares.
    """

    stream: str
    rule: StreamRule
    resource: Resource
    columns: Columns
    samples: int = _SAMPLES


class Pipeline:
    """Applies records; `take` and `checkpoint` in the order of the input, then `close`.

    Args:
        settings: The target's settings.
        connection: How to reach the API.

    Raises:
        CustomerlyError: The snapshot can't be used.
    """

    def __init__(self, settings: Settings, connection: Connection) -> None:
        self.report = Report()
        self.keys = KeyMaker()
        self.clears = settings.empty_values == "send"
        self.inlines_tags = settings.tags_mode == "inline"
        self._settings = settings
        self._client = Client(connection)
        self._api = Api(self._client)
        self._rejects = Rejects(settings.rejects_path)
        self._batch_size = settings.batch_size
        self._deletes = 0
        self._warned: set[str] = set()
        self._without_columns: set[str] = set()
        self._snapshot = (
            Snapshot(settings.snapshot_path, connection, settings.tags_mode)
            if settings.skip_unchanged and not settings.dry_run
            else None
        )
        self._actions = Actions(self._api, settings.tags_mode, self._shrink, self._refused)
        self._scheduler: Scheduler[Operation] = Scheduler(
            self._apply,
            self._release,
            workers=connection.max_concurrency,
            limit=self._limit,
        )

    def plan(self, stream: str, schema: Mapping[str, Any]) -> StreamPlan | None:
        """Decide how a stream is applied.

        Args:
            stream: Its name.
            schema: Its SCHEMA.

        Returns:
            The plan; None for a stream that is ignored.

        Raises:
            ConfigError: The stream maps to no resource, or two of its columns become one.
        """
        rule = self._settings.rule_for(stream)
        if rule is None:
            logger.warning("The stream %s maps to no resource and is ignored", stream)
            return None
        resource = RESOURCES[rule.resource]
        columns = Columns(
            stream,
            schema,
            rule,
            (*resource.fields, "_operation", "_sdc_deleted_at"),
            has_attributes=resource.has_attributes,
            read_only=resource.read_only,
            settings=self._settings,
            warn=self._warn_once,
        )
        self.report.see(stream)
        self._rejects.dates[stream] = columns.dates
        if columns.are_none:
            self._without_columns.add(stream)
        return StreamPlan(stream, rule, resource, columns)

    def _warn_once(self, line: str) -> None:
        """Warn, but not again where a SCHEMA comes once more."""
        if line not in self._warned:
            self._warned.add(line)
            logger.warning("%s", line)

    def take(self, plan: StreamPlan, origin: Origin, record: Record) -> None:
        """Apply a record, soon, or reject it.

        Args:
            plan: Its stream's plan.
            origin: The record as it came.
            record: The record, after stream maps.

        Raises:
            CustomerlyError: A guard, or something that went wrong with an earlier record.
        """
        name = plan.rule.operation
        try:
            fields, cells = plan.columns.read(record)
            name = plan.resource.chosen(fields, plan.rule.operation)
            by_key = name in plan.resource.by_key_alone
            attributes = {} if by_key else plan.columns.attributes(cells)
            operation = plan.resource.operation(origin, name, fields, attributes, self)
        except BadValue as error:
            self.reject(origin, name, f"check: {error}")
            return
        self._guard(operation)
        if self._settings.dry_run:
            self._plan_only(plan, operation)
        elif self._is_unchanged(operation):
            self.report.count(origin.stream, unchanged=1)
        else:
            self._scheduler.submit(operation.batch, operation.keys, operation)

    def reject(self, origin: Origin, operation: str, reason: str) -> None:
        """Reject a record that never became a request.

        Args:
            origin: The record.
            operation: What it asked for, as far as that is known.
            reason: Why.

        Raises:
            CustomerlyError: The rejects file can't be written.
        """
        if self._settings.dry_run:
            logger.warning("%s line %d would be rejected: %s", origin.stream, origin.line, reason)
        else:
            self._rejects.add(origin, operation, reason)
        self.report.count(origin.stream, rejected=1)

    def checkpoint(self, state: Any) -> None:  # noqa: ANN401
        """Take a STATE; it is passed on when all before it is settled.

        Args:
            state: The STATE's value.

        Raises:
            CustomerlyError: Something that went wrong with an earlier record.
        """
        if not self._settings.dry_run:
            self._scheduler.checkpoint(state)

    def close(self) -> None:
        """Apply all that was taken, pass on the last STATE, and let go of everything.

        Raises:
            CustomerlyError: Something that went wrong with a record.
        """
        try:
            self._scheduler.close()
            self._rejects.close()
        finally:
            self._let_go()

    def check_sources(self) -> None:
        """Make sure, at the end, that no stream was a file that is not there.

        Raises:
            CustomerlyError: A stream had neither a column nor a record.
        """
        for stream in sorted(self._without_columns):
            if not self.report.has_records(stream):
                raise CustomerlyError(
                    f"{stream}: the source has no column and no record: does the tap's setting "
                    "name a file that is there, with a header line?"
                )

    def abort(self) -> None:
        """End at once: what has not begun is dropped, and STATE stays before it."""
        self._client.close()
        self._scheduler.abort()
        self._let_go()

    def _let_go(self) -> None:
        self._client.close()
        if self._snapshot is not None:
            self._snapshot.close()

    @property
    def has_too_many_rejects(self) -> bool:
        """Whether the run must end with exit status 1 (`max_rejects`)."""
        return 0 <= self._settings.max_rejects < self.report.rejected

    def summary(self) -> list[str]:
        """Sum up.

        Returns:
            A line a stream, and one that says where the rejects are if there are any.
        """
        lines = self.report.summary()
        if self.report.rejected and not self._settings.dry_run:
            lines.append(
                f"{self.report.rejected} rejected: each is in {self._rejects.path} with its reason"
            )
        return lines

    # --- in the thread that reads the input ----------------------------------------------------

    def _guard(self, operation: Operation) -> None:
        if operation.action not in {"delete", "delete_tag"}:
            return
        most = self._settings.max_deletes
        if most is not None and self._deletes >= most:
            before = "would be" if self._settings.dry_run else "was"
            raise CustomerlyError(
                f"Line {operation.origin.line} is delete number {most + 1}, and max_deletes is "
                f"{most}: raise it if these deletes are meant. All before it {before} applied."
            )
        self._deletes += 1

    def _is_unchanged(self, operation: Operation) -> bool:
        return (
            self._snapshot is not None
            and operation.action == "upsert"
            and not self._scheduler.touches(operation.keys)
            and self._snapshot.holds(operation)
        )

    def _plan_only(self, plan: StreamPlan, operation: Operation) -> None:
        """Count what would be done; of the first few upserts, say what would change."""
        self.report.plan(plan.stream, f"{operation.name} {plan.rule.resource}")
        if operation.action == "upsert" and plan.samples:
            plan.samples -= 1
            line = operation.origin.line
            logger.info("%s line %d would %s", plan.stream, line, self._difference(operation))

    def _difference(self, operation: Operation) -> str:
        """Name the fields that an upsert would change, without their values."""
        kind = cast("Kind", operation.kind)
        try:
            contact = self._api.get_contact(kind, email=operation.email)
        except ContactMissing:
            return f"create a contact with {', '.join(_flat(operation.body)) or 'nothing else'}"
        except Refused as error:
            return f"meet a contact that can't be looked up: {error.reason}"
        present = _flat(contact)
        wanted = _flat(operation.body)
        changed = [name for name, value in wanted.items() if str(present.get(name)) != str(value)]
        return f"change {', '.join(changed)}" if changed else "change nothing"

    # --- in the workers ------------------------------------------------------------------------

    def _limit(self, batch: tuple[Any, ...]) -> int:
        """Say how many operations may be applied together."""
        action = batch[0]
        if action in _IN_BATCHES:
            return self._batch_size
        return min(_LOOK_UPS, self._batch_size) if action == "find_and_upsert" else 1

    def _shrink(self, size: int) -> None:
        """Remember for the run that batches of a size are too large."""
        smaller = max(1, size // 2)
        if smaller < self._batch_size:
            self._batch_size = smaller
            logger.warning("The API takes no batch of %d: going on with %d", size, smaller)

    def _apply(self, batch: tuple[Any, ...], operations: list[Operation]) -> None:
        stream = operations[0].origin.stream
        before = self._client.requests_by_thread
        if self._snapshot is not None:
            self._snapshot.forget(operations)
        try:
            applied = self._actions.apply(batch[0], operations)
        finally:
            self.report.count(stream, requests=self._client.requests_by_thread - before)
        if self._snapshot is not None and batch[0] == "upsert":
            self._snapshot.record(applied)
        self.report.count(stream, applied=len(applied))

    def _refused(self, operation: Operation, error: RequestFailed | str, stage: str) -> None:
        origin = operation.origin
        if isinstance(error, RequestFailed):
            status, attempts, reason = error.status, error.attempts, error.reason
        else:  # named in an answer that is good otherwise
            status, attempts, reason = _OK, 1, error
        self._rejects.add(
            origin, operation.name, f"{stage}: {reason}", status=status, attempts=attempts
        )
        self.report.count(origin.stream, rejected=1)

    def _release(self, state: Any) -> None:  # noqa: ANN401
        """Pass a STATE on, after the rejects that it covers are on the disk."""
        self._rejects.sync()
        try:
            sys.stdout.write(json.dumps(state) + "\n")
            sys.stdout.flush()
        except (BrokenPipeError, ValueError):
            raise CustomerlyError(
                "Nobody reads the STATE any more: standard output is closed"
            ) from None
        except OSError as error:
            raise CustomerlyError(f"The STATE can't be written: {error.strerror}") from None


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """Put attributes beside the fields, but for the address, which names the contact."""
    flat = {name: value for name, value in body.items() if name not in {"email", "attributes"}}
    attributes = body.get("attributes")
    if isinstance(attributes, dict):
        flat.update({f"attributes.{name}": value for name, value in attributes.items()})
    return flat
