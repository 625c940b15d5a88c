"""One or more contact files as a stream."""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from customerly.singer.stream import QuickStream

from tap_contact_files.header import comparable
from tap_contact_files.schema import schema_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from customerly.singer.messages import Output
    from singer_sdk import Tap

    from tap_contact_files.bad_rows import BadRows
    from tap_contact_files.contact_file import ContactFile, Record

_BATCH = 500  # records that are written at once


class ContactFiles(QuickStream):
    """The rows of one or more files, a record each, in the order of the files.

    Args:
        tap: The tap.
        name: The stream's name.
        files: The files, each with a header of its own.
        bad_rows: Where rows are kept that can't be read.
        output: Where records go.
        is_complete: Whether every row of every file of the tap can be read.
    """

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

    @property
    def output(self) -> Output:
        """Where records go."""
        return self._output

    def record_batches(self) -> Iterator[list[Record]]:
        """Read the files.

        Yields:
            A record for each row that is not blank and can be read.
        """
        records = self._records()
        while batch := list(islice(records, _BATCH)):
            yield batch

    def _records(self) -> Iterator[Record]:
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

    def _write_state_message(self) -> None:
        # Overridden because a STATE at the end says that the input is complete: a target that
        # deletes what is gone would delete whose row can't be read. The state itself is empty.
        if self._is_complete:
            super()._write_state_message()


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
