"""Rows of delimited text, also where quotes are broken: one bad row never takes others along."""

from __future__ import annotations

import csv
import re
from collections import deque
from itertools import count, islice
from typing import TYPE_CHECKING

from tap_contact_files.row import Row, cell_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_contact_files.dialect import Dialect

_AS_TEXT = re.compile(r'="((?:[^"]|"")*)"')
"""How exporters make a spreadsheet show `007` as it is; a quote in it is doubled."""

_OPEN_QUOTE = "a quote is opened in this row and never closed"
_AFTER_QUOTE = "text stands between the quote that closes a cell and the next delimiter"
_NUL = "the row holds a NUL character, which no text has: is the encoding right?"


_BLOCK = 200  # lines that are cut at once


class _Lines:
    """Lines that can be taken back; it knows those that the present row has taken.

    Args:
        block: The next lines.
        rest: Those behind them.
    """

    def __init__(self, block: list[str], rest: Iterator[str]) -> None:
        self._ahead = deque(block)
        self._rest = rest
        self.taken: list[str] = []

    @property
    def are_left(self) -> bool:
        """Whether a line of the block, or one that was taken back, is still to be cut."""
        return bool(self._ahead)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._ahead.popleft() if self._ahead else next(self._rest)
        self.taken.append(line)
        return line

    def keep_first(self) -> str:
        """Take back all that the present row has taken but its first line.

        Returns:
            That line.
        """
        first, *rest = self.taken
        self._ahead.extendleft(reversed(rest))
        return first


def read_rows(lines: Iterable[str], dialect: Dialect, width: int | None = None) -> Iterator[Row]:
    """Cut lines into rows and cells.

    A cell may hold line breaks, and then its row is one row, as in a spreadsheet. A quote that is
    opened and not closed where a cell ends would swallow the rows that follow: its line alone is
    a bad row, and the reading goes on with the next line.

    Args:
        lines: With their ends.
        dialect: How to cut.
        width: Cells of the header, where it is known: by it a row that swallowed others is told.

    Yields:
        Every row, blank ones too; a bad one holds its line as its only cell.
    """
    rest, numbers = iter(lines), count(1)
    while block := list(islice(rest, _BLOCK)):
        rows = _each_on_its_line(block, dialect)
        if rows is None:
            yield from _row_by_row(_Lines(block, rest), numbers, dialect, width)
            continue
        for cells in rows:
            yield Row(next(numbers), _texts(cells))


def _each_on_its_line(block: list[str], dialect: Dialect) -> list[list[str]] | None:
    """Cut lines of which each is a row, as nearly all are; None where one is not, or is damaged."""
    try:
        rows = list(_reader(block, dialect))
    except csv.Error:
        return None
    return rows if len(rows) == len(block) and "\0" not in "".join(block) else None


def _row_by_row(
    source: _Lines, numbers: Iterator[int], dialect: Dialect, width: int | None
) -> Iterator[Row]:
    """Cut a block of lines, and those behind it that its last row takes, with care."""
    reader = _reader(source, dialect)
    while source.are_left:
        source.taken.clear()
        try:
            cells: list[str] | None = next(reader)
        except csv.Error:
            cells = None
        number = next(numbers)
        if cells is None or (len(source.taken) > 1 and _swallowed(source, cells, width, dialect)):
            line = source.keep_first().rstrip("\r\n")
            try:
                cells = cut(line, dialect)
            except ValueError as error:
                yield Row(number, [line], str(error))
                continue
        if any("\0" in line for line in source.taken):
            yield _without_nul(number, cells)
            continue
        yield Row(number, _texts(cells))


def _reader(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quotechar,
        escapechar=dialect.escapechar,
        skipinitialspace=dialect.skips_blanks,
        strict=True,
    )


def cut(line: str, dialect: Dialect) -> list[str]:
    """Cut one line where a quote inside a quoted cell may stand for itself, as in `"5" pipe"`.

    Args:
        line: Without its end.
        dialect: How to cut.

    Returns:
        The cells.

    Raises:
        ValueError: A quote is open at the end, or text follows the one that closes a cell.
    """
    delimiter, quote = dialect.delimiter, dialect.quotechar
    cells: list[str] = []
    start = 0
    while True:
        while dialect.skips_blanks and line.startswith(" ", start):
            start += 1
        if line.startswith(quote, start):
            end = _closing(line, start + 1, delimiter, quote)
            if end is None:
                raise ValueError(_AFTER_QUOTE if quote in line[start + 1 :] else _OPEN_QUOTE)
            cells.append(line[start + 1 : end].replace(quote * 2, quote))
            start = end + 2
        else:
            end = line.find(delimiter, start)
            end = len(line) if end < 0 else end
            cells.append(line[start:end])
            start = end + 1
        if start > len(line):
            return cells


def _closing(line: str, start: int, delimiter: str, quote: str) -> int | None:
    """Find the quote that ends a cell: a delimiter or the end of the line comes behind it."""
    while (place := line.find(quote, start)) >= 0:
        if line.startswith(quote, place + 1):
            start = place + 2
        elif place + 1 == len(line) or line[place + 1] == delimiter:
            return place
        else:
            start = place + 1
    return None


def _swallowed(source: _Lines, cells: list[str], width: int | None, dialect: Dialect) -> bool:
    """Tell a row that swallowed others from one of which a cell has line breaks."""
    if width is None:
        return False
    if len(cells) != width:
        return True
    return any(_is_row(line, width, dialect) for line in source.taken[1:])


def _is_row(line: str, width: int, dialect: Dialect) -> bool:
    """Tell whether a line looks like a row of its own: as many cells, and an address in one."""
    if width == 1 or dialect.quotechar in line or "@" not in line:
        return False
    return line.count(dialect.delimiter) == width - 1


def _without_nul(number: int, cells: list[str]) -> Row:
    """Drop the NULs that some databases fill cells up with; one inside a cell is no text."""
    cells = [cell.strip("\0") for cell in cells]
    problem = _NUL if any("\0" in cell for cell in cells) else None
    return Row(number, _texts([cell.replace("\0", "\ufffd") for cell in cells]), problem)


def _texts(cells: list[str]) -> list[str | None]:
    """Read cells; most begin with a letter or digit, and stand as they are."""
    return [cell if cell and cell[0].isalnum() else _text(cell) for cell in cells]


def _text(cell: str) -> str | None:
    if cell.startswith('="') and (said := _AS_TEXT.fullmatch(cell)):
        cell = said[1].replace('""', '"')
    return cell_of(cell)
