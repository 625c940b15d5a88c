"""The page: one file, no script, nothing from elsewhere."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import jinja2
from markupsafe import escape

from customerly_report import charts
from customerly_report.sections import SECTIONS, Section

if TYPE_CHECKING:
    from pathlib import Path

    from customerly_report.warehouse import Row, Warehouse

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("customerly_report"), autoescape=True, trim_blocks=True
)
_NOT_BUILT = "Not built yet: meltano run dbt-postgres:build"
_REJECTS = {"stream": "Stream", "operation": "Operation", "reason": "Reason", "records": "Records"}
_SIZE = re.compile(r' (?:width|height)="([0-9.]+)"')


@dataclass(frozen=True)
class Part:
    """A section with its numbers."""

    title: str
    says: str
    columns: list[str]
    rows: list[list[str]] = field(default_factory=list)
    picture: str = ""
    missing: str = ""

    @property
    def anchor(self) -> str:
        """What a link to it ends with."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def write(output: Path, warehouse: Warehouse, rejects: list[Row]) -> int:
    """Write the page.

    Args:
        output: The file.
        warehouse: What is asked.
        rejects: What the last import rejected, see `rejects.last_import`.

    Returns:
        Its size in bytes.

    Raises:
        OSError: It can't be written.
    """
    parts = [_part(section, warehouse) for section in SECTIONS]
    parts.append(_rejected(rejects))
    page = _TEMPLATES.get_template("page.html").render(
        parts=parts,
        written_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )
    content = page.encode()
    unfinished = output.with_name(f"{output.name}.{os.getpid()}.new")
    unfinished.write_bytes(content)
    unfinished.replace(output)
    return len(content)


def _part(section: Section, warehouse: Warehouse) -> Part:
    title = section.title.format(attribute=warehouse.attribute or "attribute")
    rows = warehouse.ask(section.model, section.question)
    if not rows:
        missing = (
            "Nothing yet." if rows is not None else "Not built yet: meltano run dbt-postgres:build"
        )
        return Part(title, section.says, [], missing=missing)
    return Part(
        title,
        section.says,
        list(section.columns.values()),
        [[shown(row[name]) for name in section.columns] for row in section.table(rows)],
        _placed(section.draw(rows), title),
    )


def _rejected(rejects: list[Row]) -> Part:
    title, says = "Rejects of the last import", "Records that could not be applied, by reason."
    if not rejects:
        return Part(title, says, [], missing="None.")
    rows = [[shown(reject[name]) for name in _REJECTS] for reject in rejects]
    return Part(
        title,
        says,
        list(_REJECTS.values()),
        rows,
        _placed(charts.bars(rejects, "reason", "records"), title),
    )


def _placed(svg: str, title: str) -> str:
    """A picture that shrinks with the page, and tells a screen reader what it is.

    Its labels were escaped when it was drawn.
    """
    opening, rest = svg.split(">", 1)
    width = _SIZE.search(opening)
    label = escape(f"Picture: {title}; its numbers are in the table below it")
    fitting = f' role="img" aria-label="{label}" style="max-width:{width[1] if width else 600}px"'
    return _SIZE.sub("", opening) + fitting + ">" + rest


def shown(value: object) -> str:
    """A value as a reader expects it."""
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return f"{value:,}" if isinstance(value, int | float | Decimal) else str(value)
