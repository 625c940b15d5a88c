"""What calamine does not say of a sheet of an XLSX workbook, from the XML in it.

That is which rows are hidden or filtered out, which formulas have no value, and which numbers are
shown with leading zeros.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple
from zipfile import ZipFile

from tap_contact_files.errors import UNREADABLE_ARCHIVE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCK = 1 << 20
_LARGE = 50_000_000  # cells, from which on it is worth while to look for the last filled one
_OTHERWISE_MADE = (*UNREADABLE_ARCHIVE, KeyError, IndexError)

_SHEET_ID = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?:id="([^"]+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]*>")
_ZEROS = re.compile(rb"(00+)(?:;.*)?")
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*\bhidden="(?:1|true)"')
_WITHOUT_VALUE = re.compile(  # of a cell that is no text: that of a formula can be empty
    rb'<(?:\w+:)?c\s(?![^>]*\bt="str")[^>]*><(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s[^>]*?ref="[A-Z]+\d+:([A-Z]+)(\d+)"')
_FILLED = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+)(\d+)"[^>]*(?<!/)>')
_PLACE = re.compile(rb'\sr="([A-Z]+)(\d+)"')


class Padded(NamedTuple):
    """A cell that is shown with leading zeros.

    Attributes:
        row: Its row, from 1.
        place: Its column, from 0.
        digits: How many digits it has then.
    """

    row: int
    place: int
    digits: int


class XlsxParts:
    """The XML of one sheet; empty where the file is made in another way than spreadsheets do.

    Args:
        path: An XLSX file.
        sheet: Place of the sheet, from 0.

    Attributes:
        hidden: How many of its rows are not seen.
        without_value: How many formulas were never worked out.
        pads: Whether a style shows numbers with leading zeros.
    """

    def __init__(self, path: Path, sheet: int) -> None:
        self._path = path
        self._part = ""
        self._digits: dict[bytes, int] = {}
        self.hidden = self.without_value = 0
        try:
            with ZipFile(path) as archive:
                self._part = _part_of(archive, sheet)
                self._digits = _digits_of_styles(archive)
                for block in _blocks(archive, self._part):
                    self.hidden += len(_HIDDEN_ROW.findall(block))
                    if b"f>" in block:
                        self.without_value += len(_WITHOUT_VALUE.findall(block))
        except _OTHERWISE_MADE:
            return

    @property
    def pads(self) -> bool:
        """Whether a style shows numbers with leading zeros."""
        return bool(self._digits)

    def cells(self) -> int:
        """Count the cells of the rectangle up to the last filled one: all of it is held in memory.

        Returns:
            The count, going by what the sheet says of itself where that is not much.
        """
        try:
            with ZipFile(self._path) as archive:
                blocks = _blocks(archive, self._part)
                first = next(blocks)
                said = _DIMENSION.search(first)
                if said is None or (count := (_column(said[1]) + 1) * int(said[2])) < _LARGE:
                    return 0 if said is None else count
                filled = [place for block in chain([first], blocks) for place in _last(block)]
        except _OTHERWISE_MADE:
            return 0
        return max((row for row, _ in filled), default=0) * max((at for _, at in filled), default=0)

    def padded(self) -> Iterator[Padded]:
        """Find the cells that are shown with leading zeros.

        Yields:
            Each, row by row.
        """
        styles = b"|".join(self._digits)
        cell = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bs="(' + styles + rb')")[^>]*>')
        try:
            with ZipFile(self._path) as archive:
                for block in _blocks(archive, self._part):
                    for found in cell.finditer(block):
                        if place := _PLACE.search(found[0]):
                            digits = self._digits[found[1]]
                            yield Padded(int(place[2]), _column(place[1]), digits)
        except _OTHERWISE_MADE:
            return


def _part_of(archive: ZipFile, sheet: int) -> str:
    """Name the member of the archive that holds a sheet."""
    wanted = _SHEET_ID.findall(archive.read("xl/workbook.xml"))[sheet]
    targets = {
        _attribute(tag, b"Id"): _attribute(tag, b"Target").decode(errors="replace")
        for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    }
    target = targets[wanted]
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def _digits_of_styles(archive: ZipFile) -> dict[bytes, int]:
    """Map each style that shows a number with leading zeros, by its number, to its digits."""
    try:
        content = archive.read("xl/styles.xml")
    except KeyError:  # a workbook needs none
        return {}
    zeros = {
        _attribute(tag, b"numFmtId"): len(found[1])
        for tag in _FORMAT.findall(content)
        if (found := _ZEROS.fullmatch(_attribute(tag, b"formatCode")))
    }
    styles = _STYLES.search(content)
    tags = _STYLE.findall(styles[0]) if styles else []
    widths = (zeros.get(_attribute(tag, b"numFmtId")) for tag in tags)
    return {b"%d" % number: width for number, width in enumerate(widths) if width}


def _blocks(archive: ZipFile, part: str) -> Iterator[bytes]:
    """Read a part in blocks that end between two rows, or two tags where rows have a prefix."""
    rest = b""
    with archive.open(part) as content:
        while more := content.read(_BLOCK):
            block = rest + more
            end = max(block.rfind(b"<row"), 0) or max(block.rfind(b"<"), 0)
            yield block[:end]
            rest = block[end:]
    yield rest


def _last(block: bytes) -> list[tuple[int, int]]:
    """Say how far down and right the filled cells of a block reach, if there are any."""
    places = [(int(row), _column(letters) + 1) for letters, row in _FILLED.findall(block)]
    return [(max(row for row, _ in places), max(at for _, at in places))] if places else []


def _attribute(tag: bytes, name: bytes) -> bytes:
    found = re.search(rb"\s" + name + rb'="([^"]*)"', tag)
    return found[1] if found else b""


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1
