"""What a SCHEMA says of its columns' types, and the SCHEMA that a rejected record needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from target_customerly.intake.cell_types import number
from target_customerly.intake.dates import seconds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from target_customerly.intake.cell_types import Reader

_DECIMAL = "singer.decimal"
_DATE = {"type": ["string", "null"], "format": "date-time"}


def is_date(definition: object) -> bool:
    """Tell whether a schema, or any of its alternatives, is that of a date or date-time.

    Args:
        definition: A property's JSON schema.

    Returns:
        True where its `format` says so.
    """
    if not isinstance(definition, dict):
        return False
    if definition.get("format") in {"date-time", "date"}:
        return True
    return any(is_date(alternative) for alternative in _alternatives(definition))


def reader_in(definition: Mapping[str, Any]) -> Reader | None:
    """Find what reads a column's cells.

    Args:
        definition: Its JSON schema.

    Returns:
        The reader of dates, or of numbers that came as text (`singer.decimal`); None where a cell
        goes out as it is.
    """
    if is_date(definition):
        return seconds
    formats = [definition, *_alternatives(definition)]
    is_decimal = any(isinstance(one, dict) and one.get("format") == _DECIMAL for one in formats)
    return number if is_decimal else None


def dates_in(definition: object) -> Iterator[str]:
    """Name the keys of an object, in any of its alternatives, that are a date or date-time.

    Args:
        definition: A property's JSON schema.

    Yields:
        Keys.
    """
    if not isinstance(definition, dict):
        return
    properties = definition.get("properties")
    if isinstance(properties, dict):
        yield from (key for key, inner in properties.items() if is_date(inner))
    for alternative in _alternatives(definition):
        yield from dates_in(alternative)


def dates_of(schema: Mapping[str, Any]) -> list[str]:
    """Name the columns of a SCHEMA that are a date or date-time.

    Args:
        schema: The SCHEMA.

    Returns:
        Column names, `attributes.key` where nested in a column that holds attributes.
    """
    properties = schema.get("properties") or {}
    nested = (f"attributes.{key}" for key in dates_in(properties.get("attributes")))
    return [*(name for name, one in properties.items() if is_date(one)), *nested]


def schema_of_dates(dates: object) -> dict[str, Any]:
    """Make a SCHEMA that says of a stream what a reject that is fed back has to know: its dates.

    Args:
        dates: Column names, `attributes.key` where nested; anything else counts as none.

    Returns:
        The schema.
    """
    properties: dict[str, Any] = {}
    for name in dates if isinstance(dates, list) else ():
        if not isinstance(name, str):
            continue
        column, _, key = name.partition(".") if name.startswith("attributes.") else (name, "", "")
        if key:
            whole = properties.setdefault(column, {"type": ["object", "string"], "properties": {}})
            whole["properties"][key] = dict(_DATE)
        else:
            properties[column] = dict(_DATE)
    return {"type": "object", "properties": properties, "additionalProperties": True}


def _alternatives(definition: Mapping[str, Any]) -> Iterator[object]:
    for word in ("anyOf", "oneOf", "allOf"):
        yield from definition.get(word) or ()
