"""The schema of a contact file's records; it needs nothing of the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_ADDED: dict[str, dict[str, str]] = {
    "_sdc_source_file": {"type": "string", "description": "The file"},
    "_sdc_source_lineno": {
        "type": "integer",
        "description": "The row, as a person counts it: the first row of the file is 1",
    },
    "_sdc_source_file_mtime": {
        "type": "string",
        "format": "date-time",
        "description": "When the file was last changed",
    },
}
"""What the tap adds to each record."""

RESERVED = frozenset(_ADDED)
"""Names that no column can have."""


def schema_of(names: Iterable[str]) -> dict[str, Any]:
    """Make the schema of a stream of which every column is text.

    Args:
        names: Its columns.

    Returns:
        The schema.
    """
    columns: dict[str, Any] = {name: {"type": ["string", "null"]} for name in names}
    return {"type": "object", "properties": {**columns, **_ADDED}}
