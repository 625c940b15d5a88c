"""Workbooks: XLSX, XLS and ODS, each cell as the text that a person sees in it."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from customerly.text import trimmed
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from tap_contact_files.errors import FileError
from tap_contact_files.row import Row, cell_of
from tap_contact_files.xlsx_parts import Padded, XlsxParts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from tap_contact_files.options import FileOptions

    _Place = tuple[int, int]  # row and column, both from 0

_DIGITS = 15  # of a number, as spreadsheets show and keep it
_MOST_CELLS = 300_000_000  # some 10 GB of memory
_ONE_SECOND = timedelta(seconds=1)
_ROUNDING = timedelta(milliseconds=1)  # what a moment loses as a fraction of a day


class Workbook:
    """One sheet of a workbook; see `Source`.

    Args:
        path: The file.
        options: Which sheet.
        kind: The format, as `XLSX`.

    Raises:
        FileError: It can't be opened, or has no such sheet.
    """

    def __init__(self, path: Path, options: FileOptions, kind: str) -> None:
        self.format = kind
        self._path = path
        try:
            book = _opened(path)
            name, says = self._chosen(book, options.sheet)
            place = book.sheet_names.index(name)
            self._parts = XlsxParts(path, place) if kind == "XLSX" else None
            if self._parts is not None and self._parts.cells() > _MOST_CELLS:
                raise FileError(
                    f"{path}: the sheet {name} has something far below or right of the table "
                    "(Ctrl+End goes there): delete those rows or columns, and save it again"
                )
            self._sheet: CalamineSheet = book.get_sheet_by_name(name)
        except PasswordError:
            raise FileError(
                f"{path}: is protected by a password: save a copy of it without one"
            ) from None
        except (CalamineError, OSError, ValueError) as error:
            raise FileError(
                f"{path}: can't be read as a workbook ({error}): open it in a spreadsheet and save "
                "it again"
            ) from None
        self.details = {"sheet": says}
        others = [other for other in book.sheet_names if other != name]
        self.elsewhere = f" in its sheet {name}; others are {', '.join(others)}" if others else ""

    def _chosen(self, book: CalamineWorkbook, wanted: str | int | None) -> tuple[str, str]:
        """Choose the sheet: by its name, else by its number, else the first that can be seen."""
        names = book.sheet_names
        if wanted in (None, ""):
            seen = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.visible == SheetVisibleEnum.Visible
                and sheet.typ == SheetTypeEnum.WorkSheet
            ]
            name = (seen or names or [""])[0]
            others = f", the first of {len(names)}" if len(names) > 1 else ""
            return name, f"{name}{others}"
        for name in names:
            if trimmed(str(wanted)).casefold() == trimmed(name).casefold():
                return name, name
        number = int(wanted) if str(wanted).isdecimal() else 0
        if 0 < number <= len(names):
            return names[number - 1], names[number - 1]
        raise FileError(
            f"{self._path}: has no sheet {wanted}, but {', '.join(names)}: give one of these, or "
            "its number from 1"
        )

    @property
    def warnings(self) -> list[str]:
        """What a person who knows the sheet by sight may not expect."""
        if self._parts is None:
            return []
        counts = {
            "rows that are hidden or filtered out in the sheet, and are read too": (
                self._parts.hidden
            ),
            "formulas without a value, whose cells are blank until the workbook is opened in a "
            "spreadsheet and saved": self._parts.without_value,
        }
        return [f"{text}: {count:,}" for text, count in counts.items() if count]

    @property
    def delimiter(self) -> None:
        """None: cells of a workbook are no text between delimiters."""

    def check(self) -> None:
        """Nothing is left to be checked: a workbook is read as a whole."""

    def rows(self, width: int | None = None) -> Iterator[Row]:  # noqa: ARG002
        """Read the rows; see `Source`.

        Args:
            width: Unused.

        Yields:
            Every row.
        """
        start = self._sheet.start
        if start is None:
            return
        left: list[str | None] = [None] * start[1]
        # iter_rows gives the blank rows above the first filled one, but not the columns left of it.
        rows = (
            Row(number, left + [as_text(cell) for cell in cells])
            for number, cells in enumerate(self._sheet.iter_rows(), start=1)
        )
        parts = self._parts
        padded = _padded(rows, parts.padded()) if parts is not None and parts.pads else rows
        merged = self._sheet.merged_cell_ranges
        yield from _filled_down(padded, merged) if merged else padded


def _opened(path: Path) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError:
        raise
    except CalamineError:  # its name ends in that of another format
        with path.open("rb") as file:
            return CalamineWorkbook.from_filelike(file)


def _padded(rows: Iterator[Row], padded: Iterator[Padded]) -> Iterator[Row]:
    """Give numbers the leading zeros that a person sees."""
    following = next(padded, None)
    for row in rows:
        while following is not None and following.row <= row.number:
            number, place, digits = following
            cell = row.cells[place] if number == row.number and place < len(row.cells) else None
            if cell is not None and cell.isdecimal():
                row.cells[place] = cell.zfill(digits)
            following = next(padded, None)
        yield row


def _filled_down(rows: Iterator[Row], merged: Iterable[tuple[_Place, _Place]]) -> Iterator[Row]:
    """Give each row what a cell shows that is merged over several rows.

    A row with nothing else in it stays blank.
    """
    begin: dict[int, list[tuple[int, int]]] = {}
    for (first, place), (last, _) in merged:
        if last > first:
            begin.setdefault(first + 1, []).append((place, last + 1))
    above: dict[int, tuple[str | None, int]] = {}
    for row in rows:
        if above and any(row.cells):
            for place, (text, last) in above.items():
                if row.number <= last:
                    row.cells[place] = text
        for place, last in begin.get(row.number, ()):
            if place < len(row.cells):
                above[place] = (row.cells[place], last)
        yield row


def as_text(value: object) -> str | None:
    """Write a cell's value as a person sees it.

    Args:
        value: As calamine reads it; an error is an empty text there.

    Returns:
        The text; None where it is blank.
    """
    if isinstance(value, str):
        return cell_of(value)
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    return None if value is None else str(value)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _number(value: float) -> str | None:
    """Write a number without an exponent, with as many digits as a spreadsheet keeps."""
    if not math.isfinite(value):
        return None
    if value == int(value):
        return str(int(Decimal(f"{value:.{_DIGITS}g}")))
    text = f"{float(f'{value:.{_DIGITS}g}'):.20f}".rstrip("0")
    shortest = repr(float(f"{value:.{_DIGITS}g}"))
    return text.rstrip(".") if "e" in shortest else shortest.removesuffix(".0")


def _moment(value: datetime) -> str:
    return _whole_seconds(value).isoformat()


def _whole_seconds(value: datetime) -> datetime:
    """Round away what the form of a fraction of a day has added or taken."""
    over = timedelta(microseconds=value.microsecond)
    if over <= _ROUNDING:
        return value - over
    return value + _ONE_SECOND - over if _ONE_SECOND - over <= _ROUNDING else value


def _duration(value: timedelta) -> str:
    sign = "-" if value < timedelta(0) else ""
    minutes, seconds = divmod(round(abs(value).total_seconds()), 60)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


_WRITERS: dict[type, Callable[..., str | None]] = {
    bool: _flag,  # before int, which a bool is too
    int: str,
    float: _number,
    datetime: _moment,  # before date, which a datetime is too
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _duration,
}
