"""Workbooks of each format, made for a test."""

from __future__ import annotations

import datetime as dt
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import xlsxwriter
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


MORNING = dt.datetime(2026, 1, 31, 12, 0)  # noqa: DTZ001 - a cell has no zone
DAY = dt.date(2026, 1, 31)
FORMATS = {dt.datetime: "dd/mm/yyyy hh:mm", dt.date: "dd/mm/yyyy", dt.time: "hh:mm"}


class Shown(NamedTuple):
    """A number in the form in which a spreadsheet shows it."""

    value: float
    form: str


class Merged(NamedTuple):
    """A text in several cells that are merged."""

    text: str
    cells: int
    rows: int = 1


def xlsx(
    rows: Sequence[Sequence[Any]],
    *more: Sequence[Sequence[Any]],
    hidden_first: bool = False,
    hidden_rows: Sequence[int] = (),
    **book: Any,
) -> Callable[[Path], None]:
    """An XLSX workbook with a sheet for each table; text that begins with `=` is a formula."""

    def write(path: Path) -> None:
        workbook = xlsxwriter.Workbook(path, {"default_date_format": "dd/mm/yyyy hh:mm", **book})
        for place, table in enumerate((rows, *more), start=1):
            sheet = workbook.add_worksheet(f"Sheet {place}")
            if hidden_first and place == 1:
                sheet.hide()
            if place == 2:
                sheet.activate()
                sheet.set_first_sheet()
            for number in hidden_rows:
                sheet.set_row(number - 1, None, None, {"hidden": True})
            for number, row in enumerate(table):
                for column, value in enumerate(row):
                    _write_xlsx(workbook, sheet, number, column, value)
        workbook.close()

    return write


def _write_xlsx(workbook: Any, sheet: Any, row: int, column: int, value: Any) -> None:
    if isinstance(value, Shown):
        sheet.write_number(
            row, column, value.value, workbook.add_format({"num_format": value.form})
        )
    elif isinstance(value, Merged):
        last = row + value.rows - 1
        sheet.merge_range(row, column, last, column + value.cells - 1, value.text)
    elif isinstance(value, tuple):  # a formula and what it came to
        sheet.write_formula(row, column, value[0], None, value[1])
    elif value is not None and type(value) in FORMATS:
        form = workbook.add_format({"num_format": FORMATS[type(value)]})
        sheet.write_datetime(row, column, value, form)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif value is not None:
        sheet.write(row, column, value)


def xls(rows: Sequence[Sequence[Any]]) -> Callable[[Path], None]:
    """An XLS workbook."""

    def write(path: Path) -> None:
        workbook = xlwt.Workbook()
        sheet = workbook.add_sheet("Sheet 1")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                form = FORMATS.get(type(value))
                style = xlwt.easyxf(num_format_str=form) if form else xlwt.Style.default_style
                if value is not None:
                    sheet.write(number, column, value, style)
        workbook.save(str(path))

    return write


def ods(rows: Sequence[Sequence[Any]]) -> Callable[[Path], None]:
    """An ODS workbook."""

    def write(path: Path) -> None:
        document = OpenDocumentSpreadsheet()
        table = Table(name="Sheet 1")
        for row in rows:
            line = TableRow()
            for value in row:
                line.addElement(_ods_cell(value))
            table.addElement(line)
        document.spreadsheet.addElement(table)
        document.save(str(path))

    return write


def _ods_cell(value: Any) -> TableCell:
    if value is None:
        return TableCell()
    if isinstance(value, bool):
        return TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    if isinstance(value, (int, float)):
        return TableCell(valuetype="float", value=str(value))
    if isinstance(value, dt.date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell


def renamed(write: Callable[[Path], None], ending: str) -> Callable[[Path], None]:
    """A workbook whose name ends in that of another format."""

    def write_and_rename(path: Path) -> None:
        made = path.with_name(f"made{ending}")
        write(made)
        made.rename(path)

    return write_and_rename


def archive(*members: str) -> Callable[[Path], None]:
    """A ZIP archive with these members."""

    def write(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as packed:
            for member in members:
                packed.writestr(member, "content")

    return write


def protected(path: Path) -> None:
    """A workbook with a password: its container, with the stream that holds what is encrypted."""
    xls([["email"]])(path)
    own, encrypted = (
        name.encode("utf-16-le").ljust(64, b"\0") + bytes([2 * len(name) + 2, 0])
        for name in ("Workbook", "EncryptedPackage")
    )
    content = path.read_bytes()
    assert own in content
    path.write_bytes(content.replace(own, encrypted))
