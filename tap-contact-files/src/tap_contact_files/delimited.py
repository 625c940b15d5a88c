"""Rows of delimited text, also where quotes are broken: one bad row never takes others along."""

from __future__ import annotations

import csv
import re
from collections import deque
from typing import TYPE_CHECKING

from customerly.text import trimmed

from tap_contact_files.row import Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tap_contact_files.dialect import Dialect

_AS_TEXT = re.compile(r'="([^"]*)"')
"""How exporters make a spreadsheet show `007` as it is."""

_OPEN_QUOTE = "a quote is opened in this row and never closed"
_AFTER_QUOTE = "text stands between the quote that closes a cell and the next delimiter"
_NUL = "the row holds a NUL character, which no text has: is the encoding right?"


class _Lines:
    """Lines that can be taken back; it knows those that the present row has taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self.taken: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def keep_first(self) -> str:
        """Take back all that the present row has taken but its first line.

        Returns:
            That line.
        """
        first, *rest = self.taken
        self._returned.extendleft(reversed(rest))
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
    source = _Lines(lines)
    reader = csv.reader(
        source,
        delimiter=dialect.delimiter,
        quotechar=dialect.quotechar,
        escapechar=dialect.escapechar,
        skipinitialspace=dialect.skips_blanks,
        strict=True,
    )
    number = 0
    while True:
        source.taken.clear()
        try:
            cells: list[str] | None = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        number += 1
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
        yield Row(number, [_cell(cell) for cell in cells])


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
    return Row(number, [_cell(cell.replace("\0", "\ufffd")) for cell in cells], problem)


def _cell(text: str) -> str | None:
    if not text or text[0].isalnum():
        return text or None
    if text.startswith('="') and (said := _AS_TEXT.fullmatch(text)):
        text = said[1]
    return text if trimmed(text) else None
