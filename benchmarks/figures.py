"""What a benchmark measured, in one form for tables, charts and comparisons."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
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


def table(figures: Iterable[Figure]) -> Iterable[str]:
    """Print Markdown, a line for each number."""
    yield "| what | who | value | goal |"
    yield "| --- | --- | ---: | ---: |"
    for one in figures:
        value = f"{one.value:,.0f}" if one.value == int(one.value) else f"{one.value:,.2f}"
        yield f"| {one.what} | {one.variant} | {value} {one.unit} | {one.goal or ''} |"


def save(path: Path, figures: Iterable[Figure]) -> None:
    """Write a list of objects, for whoever draws a chart."""
    path.write_text(json.dumps([asdict(one) for one in figures], indent=1) + "\n")
