"""A contact file: its header, and its rows as records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tap_contact_files.dialect import USUAL_DELIMITER
from tap_contact_files.errors import FileError
from tap_contact_files.header import Header, column_letter, read_header
from tap_contact_files.source import Source, open_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tap_contact_files.options import FileOptions
    from tap_contact_files.row import Row

Record = dict[str, Any]


@dataclass
class Counts:
    """What a file holds below its header.

    Attributes:
        rows: All of them.
        blank: Those with nothing in them.
        bad: Those that can't be read.
        uncut: Those of one cell, with a delimiter in it.
    """

    rows: int = 0
    blank: int = 0
    bad: int = 0
    uncut: int = 0


class ContactFile:
    """A file that can be read, from its first row to its last.

    Args:
        path: The file.
        options: How to read it.
        on_row: Sees each row that can be read and is not blank, while the file is checked.

    Raises:
        FileError: Something is wrong with it as a whole: it is not there, its header is not sound,
            a byte is not in its encoding.
    """

    def __init__(
        self, path: Path, options: FileOptions, on_row: Callable[[Row], None] | None = None
    ) -> None:
        self.path = path
        self.source: Source = open_source(path, options)
        self.source.check()
        self.header: Header = read_header(path, self.source, options.header_row)
        places = self.header.columns.values()
        self._end = max(places) + 1
        self._nameless = sorted(set(range(self._end)) - set(places))
        self.modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
        self.counts = counts = self._counted(on_row)
        filled = counts.rows - counts.blank
        if len(self.columns) == 1 and counts.bad > 1 and counts.bad * 2 > filled:
            raise FileError(
                f"{path}: row {self.header.row}, taken for the header, has one cell, and rows "
                "below have more: give the row of the columns' names (header_row; --header-row of "
                "`customerly import`), or remove what is above it"
            )

        if len(self.columns) > 1 and filled and counts.uncut == filled:
            raise FileError(
                f"{path}: the header names {len(self.columns)} columns, and each row is one cell "
                "with all of them in it: cut the rows as the header, or take their quotes away"
            )

    @property
    def warnings(self) -> list[str]:
        """What is understood in a way that a person may not expect, a sentence each."""
        return [*self.source.warnings, *self.header.gaps]

    @property
    def columns(self) -> dict[str, int]:
        """Name of each column, and its place from 0."""
        return self.header.columns

    def rows(self) -> Iterator[Row]:
        """Read the rows below the header.

        Yields:
            Every row, blank ones too; one that can't be read has a `problem`.
        """
        end = self._end
        for row in self.source.rows(self.header.width):
            if row.number <= self.header.row:
                continue
            if len(row.cells) > end and row.problem is None and any(row.cells[end:]):
                yield row._replace(problem=self._too_many(row))
            else:
                yield row

    def records(
        self, columns: Mapping[str, int], on_bad_row: Callable[[Row], None]
    ) -> Iterator[Record]:
        """Read the rows as records; blank ones are passed over.

        Args:
            columns: Name, as the records have it, and place of each column.
            on_bad_row: Takes each row that can't be read.

        Yields:
            A text, or None where it is blank, for each column; and file, row and time of change.
        """
        names, places = list(columns), list(columns.values())
        end = max(places) + 1
        is_simple = places == list(range(end))
        file = str(self.path)
        for row in self.rows():
            cells = row.cells
            if row.problem is not None:
                on_bad_row(row)
                continue
            if not any(cells):
                continue
            if len(cells) < end:
                cells = cells + [None] * (end - len(cells))
            values = cells if is_simple else [cells[place] for place in places]
            record: Record = dict(zip(names, values, strict=False))
            record["_sdc_source_file"] = file
            record["_sdc_source_lineno"] = row.number
            record["_sdc_source_file_mtime"] = self.modified_at
            yield record

    def refuse_bad_rows(self) -> None:
        """See to it that there are none.

        Raises:
            FileError: There is one; it names the first.
        """
        for row in self.rows() if self.counts.bad else ():
            if row.problem is not None:
                raise FileError(f"{self.path}, row {row.number}: {row.problem}")

    def _too_many(self, row: Row) -> str:
        filled = max(place for place, cell in enumerate(row.cells, start=1) if cell is not None)
        return f"the row has {filled} cells, but the header has {self._end}"

    def _counted(self, on_row: Callable[[Row], None] | None) -> Counts:
        """Read the file once: what is wrong with it is said before anything of it is sent."""
        counts = Counts()
        for row in self.rows():
            counts.rows += 1
            if row.problem is not None:
                counts.bad += 1
                continue
            if not any(row.cells):
                counts.blank += 1
                continue
            if len(row.cells) == 1 and USUAL_DELIMITER.search(row.cells[0] or ""):
                counts.uncut += 1
            if self._nameless:
                self._check_nameless(row)
            if on_row is not None:
                on_row(row)
        return counts

    def _check_nameless(self, row: Row) -> None:
        for place in self._nameless:
            if place < len(row.cells) and row.cells[place] is not None:
                raise FileError(
                    f"{self.path}: column {column_letter(place)} has no name in the header, but "
                    f"row {row.number} holds something there: name the column, or remove it; where "
                    "another row has the names, give it (header_row, or --header-row)"
                )
