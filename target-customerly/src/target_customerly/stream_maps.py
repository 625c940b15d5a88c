"""The SDK's stream maps: to which sinks records go, and which columns are dates after them."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from singer_sdk.mapper import RemoveRecordTransform, SameRecordTransform

from target_customerly.intake.schema_types import is_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.mapper import StreamMap

_COLUMN = re.compile(
    r"""(?:record|_)(?:\[\s*['"](?P<item>[^'"]+)['"]\s*\]|\.get\(\s*['"](?P<got>[^'"]+)['"]\s*\))"""
)


def is_plain(stream_map: StreamMap) -> bool:
    """Tell whether records leave a stream map just as they came.

    Args:
        stream_map: The map.
    """
    return isinstance(stream_map, SameRecordTransform) and not stream_map.flattening_enabled


def drops_all(stream_map: StreamMap) -> bool:
    """Tell whether a stream map lets no record through, as `__NULL__` does.

    Args:
        stream_map: The map.
    """
    return isinstance(stream_map, RemoveRecordTransform)


def schema_after(
    stream_map: StreamMap, stream: str, schema: Mapping[str, Any], settings: object
) -> dict[str, Any]:
    """Say what a stream's schema is after a map: a date under another name is a date all the same.

    The SDK takes what an expression makes for text, `record['created_at']` too.

    Args:
        stream_map: The map.
        stream: The stream's name as it came in.
        schema: The stream's schema as it came in.
        settings: The setting `stream_maps`.

    Returns:
        The schema.
    """
    after: dict[str, Any] = stream_map.transformed_schema
    if is_plain(stream_map):
        return after
    properties = dict(after.get("properties") or {})
    for name, column in _renamed(stream, settings):
        definition = schema["properties"].get(column)
        if name in properties and is_date(definition):
            properties[name] = definition
    return {**after, "properties": properties}


def _renamed(stream: str, settings: object) -> Iterator[tuple[str, str]]:
    """Yield what is a column of the stream under another name: its new name, and the column."""
    for key, entry in settings.items() if isinstance(settings, dict) else ():
        if not isinstance(entry, dict) or not fnmatch(stream, str(entry.get("__source__", key))):
            continue
        for name, expression in entry.items():
            found = _COLUMN.fullmatch(expression.strip()) if isinstance(expression, str) else None
            if found:
                yield name, found["item"] or found["got"]
