"""Write the tables of the sandbox's README: `make docs`, or `--check` in `make lint`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from customerly_sandbox.control.urls import ROUTES
from customerly_sandbox.quirks import table
from customerly_sandbox.scenario.faults import EFFECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parent.parent / "customerly-sandbox" / "README.md"
TABLE = re.compile(r"(<!-- (\w+), written by `make docs` -->\n).*?(<!-- end -->)", re.DOTALL)


def quirks() -> Iterator[tuple[str, ...]]:
    """The quirks: name, default, other choices, what it is about."""
    yield "quirk", "default", "others", "about"
    for row in table():
        others = [choice for choice in row["choices"] if choice != row["default"]]
        named = ", ".join(map(shown, others)) or "any"
        yield f"`{row['name']}`", shown(row["default"]), named, row["about"]


def routes() -> Iterator[tuple[str, ...]]:
    """The control routes: method and path, what the handler's docstring says."""
    yield "route", "does"
    for (method, name), handler in ROUTES.items():
        yield f"`{method} /_sandbox/{name}`", (handler.__doc__ or "").splitlines()[0]


def faults() -> Iterator[tuple[str, ...]]:
    """The faults: name, and the answer that they make."""
    yield "fault", "the answer is"
    for name, effect in EFFECTS.items():
        yield f"`{name}`", effect.about + ("; the request takes effect" if effect.applied else "")


TABLES = {"quirks": quirks, "routes": routes, "faults": faults}


def shown(value: object) -> str:
    """A value as code: text as it is, else as JSON."""
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def written(text: str) -> str:
    """The README with its tables up to date."""

    def replace(match: re.Match[str]) -> str:
        head, *rows = TABLES[match[2]]()
        lines = [head, ("---",) * len(head), *rows]
        return match[1] + "".join(f"| {' | '.join(line)} |\n" for line in lines) + match[3]

    return TABLE.sub(replace, text)


def main() -> int:
    """Write the README, or with `--check` say whether it is up to date."""
    before = README.read_text(encoding="utf-8")
    after = written(before)
    if sys.argv[1:] != ["--check"]:
        README.write_text(after, encoding="utf-8")
    elif after != before:
        sys.stderr.write(f"{README.name} of the sandbox is stale: run `make docs`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
