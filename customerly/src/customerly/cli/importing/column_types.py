"""Columns of text that look like more than text, by all of their cells."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from target_customerly.intake.cell_types import possible_types

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tap_contact_files.contact_file import Record

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


def looks_of(records: Iterable[Record], columns: Sequence[str]) -> dict[str, Look]:
    """Find columns of which every filled cell looks like a number, a flag or a date.

    Args:
        records: All records of a file.
        columns: The columns to look at.

    Returns:
        Column to what it looks like; columns of plain text are not in it.
    """
    possible: dict[str, frozenset[str]] = {}
    left = list(columns)
    for record in records:
        for name in left:
            cell = record[name]
            if cell is not None:
                found = possible_types(cell) or _forms(cell)
                possible[name] = possible.get(name, found) & found
                if not possible[name]:
                    left = [each for each in left if each != name]
        if not left:
            break
    return {name: _look(types) for name, types in possible.items() if types}


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
