"""A column of a stream and the cells of a record: `columns` compiles them, `attributes` reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from target_customerly.intake.cell_types import Reader


@dataclass(frozen=True, slots=True)
class Column:
    """What becomes of a column.

    Attributes:
        name: As it is in the record.
        field: The resource's field; None where it is an attribute, or nothing.
        attribute: The attribute's name; None where it is none.
        reader: Of an attribute's filled cells; None where they go out as they are.
        dates: Of an object: the keys that the SCHEMA calls a date or date-time.
        unwanted: Why a record that has a value here is rejected.
    """

    name: str
    field: str | None = None
    attribute: str | None = None
    reader: Reader | None = None
    dates: frozenset[str] = frozenset()
    unwanted: str | None = None


Cells = list[tuple[Column, Any]]
"""What a record holds beside its resource's fields."""
