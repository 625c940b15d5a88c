"""The types that a field of a record can have, as JSON schema."""

from __future__ import annotations

from typing import Any

Property = dict[str, Any]
Properties = dict[str, Property]
Schema = dict[str, Any]


def text(description: str) -> Property:
    """A text or null."""
    return {"type": ["string", "null"], "description": description}


def flag(description: str) -> Property:
    """A boolean or null."""
    return {"type": ["boolean", "null"], "description": description}


def integer(description: str) -> Property:
    """A whole number or null."""
    return {"type": ["integer", "null"], "description": description}


def number(description: str) -> Property:
    """A number or null."""
    return {"type": ["number", "null"], "description": description}


def moment(description: str) -> Property:
    """A date-time in UTC or null."""
    return {"type": ["string", "null"], "format": "date-time", "description": description}


def mapping(description: str, properties: Properties | None = None) -> Property:
    """An object with free keys; null only where what came could not be read as one."""
    field: Property = {"type": ["object", "null"], "description": description}
    if properties:
        field["properties"] = properties
    return field


def many(description: str, items: Property | None = None) -> Property:
    """A list or null; of anything, where the items' type is not given.

    Then nothing is said of the items: PostgreSQL gets a `jsonb` of it, and no `jsonb[]`.
    """
    field: Property = {"type": ["array", "null"], "description": description}
    if items:
        field["items"] = items
    return field


def text_item() -> Property:
    """A text or null, in a list that describes itself."""
    return {"type": ["string", "null"]}


def anything(description: str) -> Property:
    """Any JSON, in a form of which warehouses make a JSON column."""
    kinds = ["object", "array", "string", "number", "boolean", "null"]
    return {"type": kinds, "description": description}


def key(field: Property) -> Property:
    """The same field as a primary key: never null."""
    return {**field, "type": [kind for kind in field["type"] if kind != "null"]}


def schema(description: str, properties: Properties) -> Schema:
    """A stream's schema: these properties, and room for fields that are not documented."""
    return {
        "type": "object",
        "description": description,
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
