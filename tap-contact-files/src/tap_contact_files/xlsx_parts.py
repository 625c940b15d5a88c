"""What calamine does not say of a sheet of an XLSX workbook, from the XML in it.

That is which rows are hidden or filtered out, which formulas have no value, and which numbers are
shown with leading zeros.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile, ZipFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_BLOCK = 1 << 20

_SHEET_ID = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?:id="([^"]+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
_FORMAT = re.compile(rb"<(?:\w+:)?numFmt\s[^>]*>")
_STYLES = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_STYLE = re.compile(rb"<(?:\w+:)?xf\s[^>]*>")
_ZEROS = re.compile(rb"(00+)(?:;.*)?")
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*\bhidden="(?:1|true)"')
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
_WITHOUT_VALUE = re.compile(  # of a cell that is no text: that of a formula can be empty
    rb'<(?:\w+:)?c\s(?![^>]*\bt="str")[^>]*><(?:\w+:)?f\b[^>]*(?:/>|>[^<]*</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>|</(?:\w+:)?c>)"
)
_PLACE = re.compile(rb"([A-Z]+)(\d+)")


class Shown(NamedTuple):
    """How a sheet looks.

    Attributes:
        hidden: How many of its rows are not seen.
        without_value: How many formulas were never worked out.
        digits: Row from 1 and column from 0 of each cell that is shown with leading zeros, and how
            many digits it has then.
    """

    hidden: int = 0
    without_value: int = 0
    digits: Mapping[tuple[int, int], int] = {}


def look_into(path: Path, sheet: int) -> Shown:
    """Look into a workbook.

    Args:
        path: An XLSX file.
        sheet: Place of the sheet, from 0.

    Returns:
        How it looks; as if nothing were hidden or padded where the file is made in another way
            than spreadsheets do.
    """
    try:
        with ZipFile(path) as archive:
            return _shown(archive, sheet)
    except (BadZipFile, OSError, KeyError, IndexError, NotImplementedError):
        return Shown()


def _shown(archive: ZipFile, sheet: int) -> Shown:
    wanted = _SHEET_ID.findall(archive.read("xl/workbook.xml"))[sheet]
    targets = {
        _attribute(tag, b"Id"): _attribute(tag, b"Target").decode()
        for tag in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    }
    target = targets[wanted]
    part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    padding = _padding(archive)
    hidden, without_value, digits = 0, 0, {}
    for block in _blocks(archive, part):
        hidden += len(_HIDDEN_ROW.findall(block))
        without_value += len(_WITHOUT_VALUE.findall(block)) if b"f>" in block else 0
        for tag in _CELL.findall(block) if padding else ():
            width = padding.get(_attribute(tag, b"s"))
            place = _PLACE.fullmatch(_attribute(tag, b"r"))
            if width and place:
                digits[int(place[2]), _column(place[1])] = width
    return Shown(hidden, without_value, digits)


def _padding(archive: ZipFile) -> dict[bytes, int]:
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
    """Read a part in blocks that end between two tags."""
    rest = b""
    with archive.open(part) as content:
        while more := content.read(_BLOCK):
            block = rest + more
            end = block.rfind(b"<")
            yield block[:end]
            rest = block[end:]
    yield rest


def _attribute(tag: bytes, name: bytes) -> bytes:
    found = re.search(rb"\s" + name + rb'="([^"]*)"', tag)
    return found[1] if found else b""


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - ord("A") + 1
    return place - 1
