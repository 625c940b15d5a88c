"""One or more contact files as a stream."""

from __future__ import annotations

import logging
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.mapper import SameRecordTransform
from singer_sdk.streams import Stream

from tap_contact_files.header import comparable

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from customerly.singer.messages import Output
    from singer_sdk import Tap
    from singer_sdk.helpers.types import Context

    from tap_contact_files.bad_rows import BadRows
    from tap_contact_files.contact_file import ContactFile, Record

_BATCH = 500  # records that are written at once


class ContactFiles(Stream):
    """The rows of one or more files, a record each, in the order of the files.

    Args:
        tap: The tap.
        name: The stream's name.
        files: The files, each with a header of its own.
        bad_rows: Where rows are kept that can't be read.
        output: Where records go.
        is_complete: Whether every row of every file of the tap can be read.
    """

    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE  # every value is a text already

    def __init__(
        self,
        tap: Tap,
        name: str,
        files: Sequence[ContactFile],
        bad_rows: BadRows,
        output: Output,
        *,
        is_complete: bool,
    ) -> None:
        self._is_complete = is_complete
        self._bad_rows = bad_rows
        self._output = output
        self._files = list(_with_names(files))
        names = dict.fromkeys(name for _, columns in self._files for name in columns)
        super().__init__(tap, schema_of(names), name)

    def get_records(self, context: Context | None) -> Iterator[Record]:  # noqa: ARG002
        """Read the files.

        Args:
            context: Unused.

        Yields:
            A record for each row that is not blank and can be read.
        """
        for file, columns in self._files:
            yield from file.records(columns, partial(self._bad_rows.add, file.path))
            self._say_what_was_read(file)

    def _say_what_was_read(self, file: ContactFile) -> None:
        counts = file.counts
        self.logger.info(
            "%s: rows: %d, of them blank and passed over: %d", file.path, counts.rows, counts.blank
        )
        if counts.bad:
            self.logger.warning(
                "%s: rows that can't be read: %d; they are kept in %s, each with the reason",
                file.path,
                counts.bad,
                self._bad_rows.path,
            )

    def _sync_records(
        self, context: Context | None = None, *, write_messages: bool = True
    ) -> Generator[Record, Any, Any]:
        # Overridden for speed: the SDK's work on each record is for what these never need.
        if not write_messages or not self._is_plain:
            yield from super()._sync_records(context, write_messages=write_messages)
            return
        records = self.get_records(context)
        with self.get_record_counter() as counter, self.get_sync_timer():
            while batch := list(islice(records, _BATCH)):
                self._output.write_records(self.name, batch, None)
                counter.increment(len(batch))

    def _write_state_message(self) -> None:
        # Overridden because a STATE at the end says that the input is complete: a target that
        # deletes what is gone would delete whose row can't be read. The state itself is empty.
        if self._is_complete:
            super()._write_state_message()

    @property
    def _is_plain(self) -> bool:
        """Whether records leave as they are: nothing mapped, flattened, deselected or limited."""
        first, *more = self.stream_maps
        return (
            not more
            and type(first) is SameRecordTransform
            and first.stream_alias == self.name
            and not first.flattening_enabled
            and self.ABORT_AT_RECORD_COUNT is None
            and all(self.mask.values())
        )

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log, but for the SDK's line that an error is unhandled: the command tells it in one.

        Args:
            message: As for a logger.
            args: As for a logger.
            level: As for a logger.
            kwargs: As for a logger.
        """
        if level < logging.ERROR:
            super().log(message, *args, level=level, **kwargs)


def schema_of(names: Sequence[str] | dict[str, None]) -> dict[str, Any]:
    """Make the schema of a stream of which every column is text.

    Args:
        names: Its columns.

    Returns:
        The schema.
    """
    properties: dict[str, Any] = {name: {"type": ["string", "null"]} for name in names}
    properties["_sdc_source_file"] = {"type": "string", "description": "The file"}
    properties["_sdc_source_lineno"] = {
        "type": "integer",
        "description": "The row, as a person counts it: the first row of the file is 1",
    }
    properties["_sdc_source_file_mtime"] = {
        "type": "string",
        "format": "date-time",
        "description": "When the file was last changed",
    }
    return {"type": "object", "properties": properties}


def _with_names(files: Sequence[ContactFile]) -> Iterator[tuple[ContactFile, dict[str, int]]]:
    """Give a column that several files have one name, in the first one's spelling."""
    known: dict[str, str] = {}
    for file in files:
        yield (
            file,
            {
                known.setdefault(comparable(name), name): place
                for name, place in file.columns.items()
            },
        )
