"""What all streams share: clean records, quick output, sound state."""

from __future__ import annotations

import time
from abc import abstractmethod
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from customerly.singer.stream import QuickStream
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE

from tap_customerly.progress import Progress
from tap_customerly.records.cleaning import Cleaner
from tap_customerly.streams.completeness import Completeness

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence

    from customerly.api import Api
    from customerly.singer.messages import Output
    from singer_sdk.helpers.types import Context

    from tap_customerly.base import CustomerlyTap
    from tap_customerly.pagination import Batch
    from tap_customerly.streams.strategies import Item, Strategy

Record = dict[str, Any]

CURSOR_KEYS = ("rows", "reading")
"""What a cursor keeps in the state beside the bookmark."""

_STATE_RECORDS = 1000  # a STATE is due after so many records, so that a killed run repeats few
_LONGEST_KEY = 2000  # bytes; PostgreSQL indexes no more than some 2,700
_STATE_SECONDS = 1.0  # or after so long


class CustomerlyStream(QuickStream):
    """A stream whose records come in batches, clean, each with what it means for the state."""

    record_schema: ClassVar[dict[str, Any]]
    readers: ClassVar[dict[str, Callable[[Any], Any]]] = {}
    """Readers of the stream's own, see `Cleaner`."""

    _tap: CustomerlyTap

    def __init__(
        self, tap: CustomerlyTap, schema: dict[str, Any] | None = None, name: str | None = None
    ) -> None:
        super().__init__(tap, schema or self.record_schema, name)
        self._keyless = 0
        self._has_unknown = False
        self._unsaved = 0
        self._saved_at = 0.0

    @abstractmethod
    def strategy(self) -> Strategy:
        """Choose how this run reads the stream.

        Returns:
            The strategy.
        """

    def records(self, items: list[Item]) -> list[Record]:
        """Make records of items.

        Args:
            items: As they came.

        Returns:
            Clean records.
        """
        return [self.clean(item) for item in items]

    def batches(self) -> Generator[Batch[Record], None, None]:
        """Read the stream.

        Yields:
            Batches of clean records.
        """
        for batch in self.strategy().batches():
            yield batch.holding(self.records(batch.items))

    @property
    def api(self) -> Api:
        """The API, connected when it is first needed."""
        return self._tap.api

    @cached_property
    def clean(self) -> Cleaner:
        """Cleans records into the schema in force, the catalog's where there is one."""
        schema = self.effective_schema
        own: dict[str, Any] = self.schema["properties"]
        needed = {*self.primary_keys, self.replication_key}
        fields = dict(schema.get("properties", {}))
        fields |= {name: own[name] for name in own if name in needed - fields.keys()}
        flattens = bool(self.config.get("flattening_enabled"))
        return Cleaner({**schema, "properties": fields}, self.readers, flattens=flattens)

    @property
    def is_full_table(self) -> bool:
        """Whether the catalog, or the stream's nature, asks for all records at each run."""
        return self.replication_method == REPLICATION_FULL_TABLE

    def warn(self, line: str) -> None:
        """Log a warning under the stream's name.

        Args:
            line: What was seen; no personal data.
        """
        self.logger.warning("%s", line)

    # --- reading and writing ---------------------------------------------------------------------

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[Record, Any, Any]:
        if self.is_full_table:
            self._stream_version = self._initialized_at
        yield from super()._sync_records(context, write_messages=write_messages)

    @property
    def output(self) -> Output:
        """Where records go."""
        return self._tap.output

    def record_batches(self) -> Iterator[Sequence[Record]]:
        """Read the stream; once a batch is written, what it means for the state is said.

        Yields:
            Clean records.
        """
        self._tap.project.mark()
        requests = self._tap.requests_sent
        progress = Progress(self.name, self.logger.info)
        try:
            with closing(self.batches()) as batches:
                for batch in batches:
                    records = self._with_keys(batch.items)
                    yield records
                    progress.add(len(records), batch.left)
                    self._finish(batch, progress.records)
        finally:
            progress.close()
        self.logger.info(
            "%s: %s records, %s requests, %.1f s",
            self.name,
            f"{progress.records:,}",
            f"{self._tap.requests_sent - requests:,}",
            progress.seconds,
        )

    def _with_keys(self, records: list[Record]) -> list[Record]:
        """Leave out what no table can hold: records without a key, or with an endless one."""
        keys = self.primary_keys
        kept = [
            record
            for record in records
            if record.__class__ is not dict or all(_is_key(record.get(key)) for key in keys)
        ]
        if len(kept) < len(records):
            self._keyless += len(records) - len(kept)
            self._has_unknown |= any(
                record.__class__ is dict and any(record.get(key) is None for key in keys)
                for record in records
            )
        return kept

    # --- state -----------------------------------------------------------------------------------

    @staticmethod
    def read_bookmark(value: object) -> object:
        """Read a bookmark, which a person may have written.

        Args:
            value: As the state has it.

        Returns:
            The bookmark as records have it.

        Raises:
            Unreadable: It is none.
        """
        return value

    def saved(self) -> dict[str, Any]:
        """Return what an earlier run left in the state, in the reader's form."""
        state = self.stream_state
        cursor = {key: state[key] for key in CURSOR_KEYS if key in state}
        return {"bookmark": state.get("replication_key_value"), **cursor}

    @property
    def completeness(self) -> Completeness:
        """Compares a complete read with the last one."""
        return Completeness(self.stream_state, self.config["max_gone_percent"])

    def _finish(self, batch: Batch[Record], rows: int) -> None:
        """Emit what may be said once a batch is written: a state, that the picture is complete."""
        self._unsaved += len(batch.items)
        if batch.state is not None:
            self._save(batch.state)
        if not batch.complete or not self.is_full_table or not self.selected:
            return
        if self._has_unknown:  # it is there, and nobody can tell which one it is
            return
        before = self.completeness.last_rows
        if self.completeness.confirms(rows):
            self._write_activate_version_message(self._stream_version or 0)
        else:
            self.warn(
                f"{self.name}: {rows:,} records where the last complete read had {before:,}: too "
                "many are missing to be taken for gone (max_gone_percent), so no ACTIVATE_VERSION "
                "is sent. It will be if the next run finds the same"
            )

    def _save(self, state: dict[str, Any]) -> None:
        saved = self.stream_state
        for key in ("replication_key", "replication_key_value", *CURSOR_KEYS):
            saved.pop(key, None)
        if (bookmark := state.get("bookmark")) is not None:
            saved["replication_key"] = self.replication_key
            saved["replication_key_value"] = bookmark
        saved.update((key, state[key]) for key in CURSOR_KEYS if key in state)
        now = time.monotonic()
        if self._unsaved >= _STATE_RECORDS or now - self._saved_at >= _STATE_SECONDS:
            self._unsaved, self._saved_at = 0, now
            self.state_manager.is_flushed = False
            self._write_state_message()

    def _write_starting_replication_value(self, context: Context | None) -> None:
        """Leave the state alone: the bookmark in it is where the reading starts."""

    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Leave the state alone: it moves with batches, since records come newest first."""

    def get_replication_key_signpost(self, context: Context | None = None) -> None:
        """Set no signpost: the server's clock makes the bookmark, not ours."""

    @property
    def emit_activate_version_messages(self) -> bool:
        """Never at the start, as the SDK would: only a complete read can tell what is gone."""
        return False

    def get_batch_config(self, config: object) -> None:
        """Write no BATCH files: their state would run ahead of what they hold."""

    # --- messages --------------------------------------------------------------------------------

    def finalize_state_progress_markers(self, state: dict[str, Any] | None = None) -> None:
        """Log the stream's warnings: the SDK calls this when a stream is done.

        Args:
            state: For the SDK.
        """
        for line in self.warnings():
            self.warn(line)
        super().finalize_state_progress_markers(state)

    def warnings(self) -> Iterable[str]:
        """Say what could not be read as it should be.

        Yields:
            A line for each kind.
        """
        if defects := self.clean.defects:
            fields = ", ".join(f"{name} ({count})" for name, count in sorted(defects.items()))
            yield (
                f"{defects.total()} values could not be read as their field's type: they are null, "
                f"and in additional_fields as they came: {fields}"
            )
        if self._keyless:
            keys = " and ".join(self.primary_keys)
            yield (
                f"{self._keyless} records without {keys}, or with one of more than "
                f"{_LONGEST_KEY:,} bytes, were left out"
                + (": nothing that is missing is taken for gone" if self._has_unknown else "")
            )


def _is_key(value: object) -> bool:
    """Say whether a table can have a value as its key."""
    return value is not None and (
        not isinstance(value, str)
        or len(value) <= _LONGEST_KEY // 4
        or len(value.encode()) <= _LONGEST_KEY
    )
