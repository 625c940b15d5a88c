"""Columns of text that look like more than text, by all of their cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from target_customerly.intake.cell_types import possible_types

if TYPE_CHECKING:
    from tap_contact_files.row import Row

_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})[./-](\d{4})")
_MOST_MONTHS = 12
_DAY_FIRST, _MONTH_FIRST = "D{0}M{0}YYYY", "M{0}D{0}YYYY"


@dataclass(frozen=True)
class Look:
    """What a column looks like.

    Attributes:
        type: As `--type` takes it.
        is_sure: Whether nothing else can be meant, so that `--types auto` takes it.
    """

    type: str
    is_sure: bool = True


class Looks:
    """What the columns of a file look like, going by every filled cell of the rows that it sees."""

    def __init__(self) -> None:
        self._possible: list[frozenset[str] | None] = []  # None: no cell so far
        self._left: list[int] = []  # places of columns that can still be more than text

    def take(self, row: Row) -> None:
        """See a row.

        Args:
            row: One that can be read.
        """
        cells, new = row.cells, len(row.cells) - len(self._possible)
        if new > 0:
            self._left += range(len(self._possible), len(cells))
            self._possible += [None] * new
        for place in self._left:
            if place >= len(cells):
                break
            cell, before = cells[place], self._possible[place]
            if cell is None or (found := _possible_types(cell)) is before:
                continue
            self._possible[place] = found if before is None else before & found
            if not self._possible[place]:
                self._left = [each for each in self._left if each != place]

    def of(self, place: int) -> Look | None:
        """Say what a column looks like.

        Args:
            place: Its place from 0.

        Returns:
            What it is besides text; None where it is no more.
        """
        types = self._possible[place] if place < len(self._possible) else None
        return _look(types) if types else None


@lru_cache(maxsize=4096)
def _possible_types(cell: str) -> frozenset[str]:
    return possible_types(cell) or _forms(cell)


def _look(types: frozenset[str]) -> Look:
    type_ = min(types)  # of two forms, the one with the day first
    return Look(type_, is_sure=type_ in {"number", "boolean", "date"})


def _forms(cell: str) -> frozenset[str]:
    """Say in which forms a cell can be a date."""
    found = _DATE.fullmatch(cell.strip())
    if not found:
        return frozenset()
    first, between, second = int(found[1]), found[2], int(found[3])
    forms = {_DAY_FIRST.format(between)} if second <= _MOST_MONTHS else set()
    if first <= _MOST_MONTHS:
        forms.add(_MONTH_FIRST.format(between))
    return frozenset(forms)
