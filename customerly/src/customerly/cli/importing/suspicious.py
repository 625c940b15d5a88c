"""Cells that are read as they stand, and hardly mean what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from target_customerly.intake.values import NO_KEYS

if TYPE_CHECKING:
    from tap_contact_files.row import Row

_PLACEHOLDERS = NO_KEYS | {"Null", "nan", "none", "-", "--"}
_ROUNDED = re.compile(r"[+-]?\d(?:[.,]\d+)?[eE]\+\d+|[1-9]\d{14}00+")  # to 15 digits
_WRONG = ("windows-1252", "latin-1")  # in which UTF-8 is taken for letters

_SAYS = {
    "rounded": "numbers that a spreadsheet has rounded, so their digits are lost: make the column "
    "one of text, fill it again, and export it again",
    "garbled": "text in UTF-8 that was taken for another encoding before it came into the file: "
    "export it again",
    "placeholder": "words for nothing, taken for text: empty them where nothing is meant",
}


@dataclass
class _Found:
    count: int
    row: int
    example: str


class Suspicions:
    """Counts such cells, by column and kind."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, str], _Found] = {}

    def take(self, row: Row) -> None:
        """See a row.

        Args:
            row: One that can be read.
        """
        text = "\n".join((*filter(None, row.cells), ""))
        if _PLACEHOLDERS.isdisjoint(row.cells) and not _has_mark(text):
            return
        for place, cell in enumerate(row.cells):
            if cell is not None and (kind := _kind(cell)):
                self._found.setdefault((place, kind), _Found(0, row.number, cell)).count += 1

    def of(self, place: int) -> list[str]:
        """Say what is suspicious in a column.

        Args:
            place: Its place from 0.

        Returns:
            A sentence a kind, without the column's name, as "2 cells, as in row 3 (NULL): …".
        """
        return [
            f"{found.count:,} {'cell' if found.count == 1 else 'cells'}, as in row {found.row} "
            f"({found.example}): {_SAYS[kind]}"
            for (at, kind), found in self._found.items()
            if at == place
        ]


def _has_mark(text: str) -> bool:
    """Look for what is in every cell that is rounded or garbled, and in few others."""
    is_garbled = "Ã" in text or "Â" in text or "â" in text
    return is_garbled or "E+" in text or "e+" in text or "00\n" in text


def _kind(cell: str) -> str:
    if _ROUNDED.fullmatch(cell.strip()):
        return "rounded"
    if cell in _PLACEHOLDERS:
        return "placeholder"
    return "garbled" if any(_is_utf8_as(encoding, cell) for encoding in _WRONG) else ""


def _is_utf8_as(encoding: str, cell: str) -> bool:
    """Tell text whose letters give UTF-8 when they are taken for the bytes that they were."""
    try:
        return not cell.isascii() and bool(cell.encode(encoding).decode())
    except UnicodeError:
        return False
