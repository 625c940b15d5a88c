"""The header of a file: where it is, what it names, and what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from customerly.text import trimmed

from tap_contact_files.errors import FileError
from tap_contact_files.schema import RESERVED

if TYPE_CHECKING:
    from pathlib import Path

    from tap_contact_files.row import Row
    from tap_contact_files.source import Source

_ADDRESS = re.compile(r"\S+@[^\s@]+\.[^\s@]{2,}")
_BLANKS = re.compile(r"\s+")


class Header(NamedTuple):
    """What a file's header says.

    Attributes:
        row: Its row, from 1.
        columns: Name of each column, and its place from 0.
        width: Cells that it has, those without a name too.
    """

    row: int
    columns: dict[str, int]
    width: int

    @property
    def gaps(self) -> list[str]:
        """Say where a blank column may part two tables that stand side by side."""
        names, places = list(self.columns), list(self.columns.values())
        return [
            f"column {column_letter(place - 1)} is blank, and {', '.join(names[number:])} right of "
            "it are read as part of the same table"
            for number, place in enumerate(places)
            if number and place - places[number - 1] > 1
        ]


def read_header(path: Path, source: Source, wanted: int | None) -> Header:
    """Find and read the header.

    Args:
        path: The file, for complaints.
        source: Its rows.
        wanted: The header's row, where it was given; else the first row that is not blank.

    Returns:
        The header.

    Raises:
        FileError: There is none, or it names a column twice.
    """
    row = _find(path, source, wanted)
    columns: dict[str, int] = {}
    for place, cell in enumerate(row.cells):
        name = trimmed(cell or "")
        if not name:
            continue
        _check_name(path, name, row.number)
        columns[name] = _free_place(path, columns, name, place)
    return Header(row.number, columns, len(row.cells))


def _find(path: Path, source: Source, wanted: int | None) -> Row:
    last = 0
    for row in source.rows():
        last = row.number
        if row.number == wanted or (wanted is None and any(row.cells)):
            if row.problem:
                raise FileError(f"{path}, row {row.number}: {row.problem}; it is the header")
            if not any(row.cells):
                raise FileError(f"{path}, row {row.number}: is blank, but should be the header")
            return row
    if wanted is not None and last:
        raise FileError(f"{path}: has {last} rows, so row {wanted} can't be the header")
    raise FileError(f"{path}: is empty{source.elsewhere}")


def _check_name(path: Path, name: str, row: int) -> None:
    if _ADDRESS.fullmatch(name):
        raise FileError(
            f"{path}, row {row}: holds an address where the names of the columns should be: give "
            "the file a first row that names them, as `email,name`"
        )
    if name in RESERVED:
        raise FileError(f"{path}, row {row}: {name} can't be a column's name: rename it")


def _free_place(path: Path, columns: dict[str, int], name: str, place: int) -> int:
    for other, at in columns.items():
        if comparable(other) == comparable(name):
            raise FileError(
                f"{path}: the header names {_both(other, name)} (columns {column_letter(at)} and "
                f"{column_letter(place)}): rename or remove one of them"
            )
    return place


def _both(first: str, second: str) -> str:
    return f"{first} twice" if first == second else f"{first} and {second}, which are one name"


def comparable(name: str) -> str:
    """Return what two names share that differ in case and blanks alone."""
    return _BLANKS.sub("", name).casefold()


def column_letter(place: int) -> str:
    """Name a column as spreadsheets do.

    Args:
        place: From 0.

    Returns:
        As `A` or `AB`.
    """
    letters = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
