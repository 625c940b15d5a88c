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

from customerly_report.rejects import last_import
from customerly_report.sections import REJECTED, SECTIONS, Section

if TYPE_CHECKING:
    from pathlib import Path

    from customerly_report.warehouse import Row, Warehouse

_TEMPLATES = jinja2.Environment(
    loader=jinja2.PackageLoader("customerly_report"), autoescape=True, trim_blocks=True
)
_NOT_BUILT = "Not built yet: meltano run dbt-postgres:build"
_NOTHING = "Nothing yet."
_NO_REJECTS = "None."
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


def write(output: Path, warehouse: Warehouse, rejects: Path) -> int:
    """Write the page.

    Args:
        output: The file.
        warehouse: What is asked.
        rejects: The target's `rejects_path`, for what the last import rejected where its log is
            not in the warehouse.

    Returns:
        Its size in bytes.

    Raises:
        OSError: It can't be written, or the rejects can't be read.
    """
    parts = [
        _part(section, rows, _NOTHING if rows is not None else _NOT_BUILT, warehouse.attribute)
        for section in SECTIONS
        for rows in [warehouse.ask(section.model, section.question)]
    ]
    logged = warehouse.ask(REJECTED.model, REJECTED.question)
    parts.append(_part(REJECTED, last_import(logged or [], rejects), _NO_REJECTS))
    page = _TEMPLATES.get_template("page.html").render(
        parts=parts,
        written_at=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    )
    content = page.encode()
    unfinished = output.with_name(f"{output.name}.{os.getpid()}.new")
    unfinished.write_bytes(content)
    unfinished.replace(output)
    return len(content)


def _part(
    section: Section, rows: list[Row] | None, missing: str, attribute: str | None = None
) -> Part:
    title = section.title.format(attribute=attribute or "attribute")
    if not rows:
        return Part(title, section.says, [], missing=missing)
    rows = section.shorten(rows)
    return Part(
        title,
        section.says,
        list(section.columns.values()),
        [[shown(row[name]) for name in section.columns] for row in section.table(rows)],
        _placed(section.draw(rows), title),
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
