"""The types that a field of a record can have, as JSON schema."""

from __future__ import annotations

from typing import Any

Field = dict[str, Any]
Properties = dict[str, Field]


def text(description: str) -> Field:
    """A text or null."""
    return {"type": ["string", "null"], "description": description}


def flag(description: str) -> Field:
    """A boolean or null."""
    return {"type": ["boolean", "null"], "description": description}


def integer(description: str) -> Field:
    """A whole number or null."""
    return {"type": ["integer", "null"], "description": description}


def number(description: str) -> Field:
    """A number or null."""
    return {"type": ["number", "null"], "description": description}


def moment(description: str) -> Field:
    """A date-time in UTC or null."""
    return {"type": ["string", "null"], "format": "date-time", "description": description}


def mapping(description: str, properties: Properties | None = None) -> Field:
    """An object with free keys; null only where what came could not be read as one."""
    field: Field = {"type": ["object", "null"], "description": description}
    if properties:
        field["properties"] = properties
    return field


def many(description: str, items: Field | None = None) -> Field:
    """A list or null; of anything, where the items' type is not given."""
    return {"type": ["array", "null"], "items": items or {}, "description": description}


def anything(description: str) -> Field:
    """Any JSON, in a form of which warehouses make a JSON column."""
    kinds = ["object", "array", "string", "number", "boolean", "null"]
    return {"type": kinds, "description": description}


def key(field: Field) -> Field:
    """The same field as a primary key: never null."""
    return {**field, "type": [kind for kind in field["type"] if kind != "null"]}


def schema(properties: Properties) -> Field:
    """A stream's schema: these fields, and room for those that nobody told us of."""
    return {
        "type": "object",
        "properties": {
            **properties,
            ADDITIONAL: mapping(
                "Fields that this schema does not name, and values that could not be read as "
                "their field's type, as they came"
            ),
        },
    }


ADDITIONAL = "additional_fields"
"""Where everything is kept that has no field of its own."""
