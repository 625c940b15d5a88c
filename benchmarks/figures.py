"""What a benchmark measured, in one form for tables, charts and comparisons."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """A number.

    Attributes:
        what: What was measured, as `write 50,000 contacts, 50 ms`.
        variant: Of which contender, as `target-customerly`.
        value: The number, a median where there were rounds.
        unit: As `s`, `MB`, `requests` or `times plain`.
        goal: What it should be, as `>= 8`; None where there is no goal.
    """

    what: str
    variant: str
    value: float
    unit: str
    goal: str | None = None


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """Print Markdown: a line for each contender, a column for each unit, goals beside the value."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    units: dict[str, None] = {}
    for one in figures:
        units[one.unit] = None
        rows.setdefault((one.what, one.variant), {})[one.unit] = _cell(one)
    yield f"| what | who | {' | '.join(units)} |"
    yield f"| --- | --- |{' ---: |' * len(units)}"
    last = ""
    for (what, variant), cells in rows.items():
        found = " | ".join(cells.get(unit, "") for unit in units)
        yield f"| {what if what != last else ''} | {variant} | {found} |"
        last = what


def _cell(one: Figure) -> str:
    value = f"{one.value:,.0f}" if one.value == int(one.value) else f"{one.value:,.2f}"
    return f"{value} (goal {one.goal})" if one.goal else value


def save(path: Path, figures: Iterable[Figure]) -> None:
    """Write a list of objects, for whoever draws a chart."""
    path.write_text(json.dumps([asdict(one) for one in figures], indent=1) + "\n")


def load(path: Path) -> list[Figure]:
    """Read what `save` wrote."""
    return [Figure(**one) for one in json.loads(path.read_text())]
