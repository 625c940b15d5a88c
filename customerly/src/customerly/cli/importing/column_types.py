"""Columns of text that look like more than text, by all of their cells."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from target_customerly.intake.cell_types import possible_types

from customerly.text import trimmed

if TYPE_CHECKING:
    from tap_contact_files.row import Row

_DATE = re.compile(
    r"(?P<a>\d{1,2})(?P<between>[./-])(?P<b>\d{1,2})(?P=between)(?P<year>\d{4})"
    r"(?P<time> (?P<hour>\d{1,2}):(?P<minute>\d\d)(?P<seconds>:(?P<second>\d\d))?"
    r"(?P<half> [AP]M)?)?"
)
_HOURS_OF_A_CLOCK = 12
_MOST_DIGITS = 15  # that a number keeps exactly everywhere

DECIMAL_MARKS = (_COMMA, _POINT) = ("decimal-comma", "decimal-point")
"""The types that say what a point and a comma in a number stand for."""

_WHOLE = "a whole number"  # which every way of writing numbers has
_DAYS = "can be a spreadsheet's number of a day"
_UNCLEAR = "has no mark that can be one thing only"
_EVERY_WAY = frozenset({"number", _POINT, _COMMA, _UNCLEAR})
_NUMBERS = (
    (re.compile(r"(3[7-9]|4\d|5[0-4])\d{3}"), _EVERY_WAY | {_WHOLE, _DAYS}),  # 2001 to 2050
    (re.compile(r"-?[1-9]\d{0,2}\.\d{3}"), _EVERY_WAY),
    (re.compile(r"-?[1-9]\d{0,2},\d{3}"), frozenset({_POINT, _COMMA, _UNCLEAR})),
    (re.compile(r"-?(0|[1-9]\d*)"), _EVERY_WAY | {_WHOLE}),
    (re.compile(r"-?(0|[1-9]\d*)\.\d+"), frozenset({"number", _POINT})),
    (re.compile(r"-?(0|[1-9]\d*),\d+"), frozenset({_COMMA})),
    (re.compile(r"-?[1-9]\d{0,2}(\.\d{3}){2,}"), frozenset({_COMMA, _UNCLEAR})),
    (re.compile(r"-?[1-9]\d{0,2}(,\d{3}){2,}"), frozenset({_POINT, _UNCLEAR})),
    (re.compile(r"-?[1-9]\d{0,2}(\.\d{3})+,\d+"), frozenset({_COMMA})),
    (re.compile(r"-?[1-9]\d{0,2}(,\d{3})+\.\d+"), frozenset({_POINT})),
    (re.compile(r"-?[1-9]\d{0,2}([ \u00a0\u202f’']\d{3})+,\d+"), frozenset({_COMMA})),
    (re.compile(r"-?[1-9]\d{0,2}([ \u00a0\u202f’']\d{3})+\.\d+"), frozenset({_POINT})),
)
"""How a number can be written, and what it can then be; the first that fits counts."""


@dataclass(frozen=True)
class Look:
    """What a column looks like.

    Attributes:
        types: As `--type` takes them; several where its cells can be read in more than one way.
        is_sure: Whether nothing else can be meant, so that `--types auto` takes it.
        can_be_days: Whether its numbers can be those that a spreadsheet keeps for days.
    """

    types: tuple[str, ...]
    is_sure: bool
    can_be_days: bool = False


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
            if cell is None or (found := _readings(cell)) is before:
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
        possible = self._possible[place] if place < len(self._possible) else None
        return _look(possible) if possible else None


def _look(possible: frozenset[str]) -> Look | None:
    if _WHOLE in possible:
        return Look(("number",), is_sure=True, can_be_days=_DAYS in possible)
    types = possible - {_UNCLEAR}
    if types >= {"number", _POINT}:  # the same: the name that stands beside the other choice
        types -= {"number" if _COMMA in types else _POINT}
    if not types:
        return None
    return Look(tuple(sorted(types)), is_sure=len(types) == 1 and _UNCLEAR not in possible)


@lru_cache(maxsize=4096)
def _readings(cell: str) -> frozenset[str]:
    """Say how a filled cell can be read, besides as text."""
    cell = trimmed(cell)
    for form, readings in _NUMBERS:
        if form.fullmatch(cell):
            return readings if sum(map(str.isdigit, cell)) <= _MOST_DIGITS else frozenset()
    return possible_types(cell) or _forms(cell)


def _forms(cell: str) -> frozenset[str]:
    """Say in which forms a cell can be a date; between points the day comes first everywhere."""
    found = _DATE.fullmatch(cell)
    if not found:
        return frozenset()
    a, b, year = (int(part) for part in found.group("a", "b", "year"))
    hour, minute, second = (int(part or 0) for part in found.group("hour", "minute", "second"))
    if found["half"] and not 1 <= hour <= _HOURS_OF_A_CLOCK:
        return frozenset()
    time = _time_form(found) if found["time"] else ""
    between, forms = found["between"], set()
    for form, month, day in (("D{0}M{0}YYYY", b, a), ("M{0}D{0}YYYY", a, b)):
        with suppress(ValueError):
            datetime(year, month, day, hour, minute, second, tzinfo=UTC)
            forms.add(form.format(between) + time)
        if between == ".":
            break
    return frozenset(forms)


def _time_form(found: re.Match[str]) -> str:
    seconds = ":ss" if found["seconds"] else ""
    return f" h:mm{seconds} A" if found["half"] else f" H:mm{seconds}"
