"""The README's tables are the code's."""

from __future__ import annotations

import json
import re
from pathlib import Path

from customerly_sandbox.control.urls import ROUTES
from customerly_sandbox.quirks import table
from customerly_sandbox.scenario.faults import EFFECTS

README = Path(__file__).parents[2] / "customerly" / "README.md"


def rows(title):
    """The first two cells of each row of the table below a header that begins with `title`."""
    text = README.read_text(encoding="utf-8")
    found = re.search(rf"^\| {title} \|.*\n\| ---.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    return [
        tuple(cell.strip(" `") for cell in row.split(" | ")[:2]) for row in found[1].splitlines()
    ]


def test_quirks():
    def shown(value):
        return value if isinstance(value, str) else json.dumps(value)

    expected = [(row["name"], shown(row["default"])) for row in table()]
    assert [(name.lstrip("| `"), default) for name, default in rows("quirk")] == expected


def test_control_routes():
    expected = [f"{method} /_sandbox/{name}" for method, name in ROUTES]
    assert [name.lstrip("| `") for name, _ in rows("route")] == expected


def test_faults():
    assert [name.lstrip("| `") for name, _ in rows("fault")] == list(EFFECTS)
