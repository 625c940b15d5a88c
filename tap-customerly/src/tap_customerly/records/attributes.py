"""Custom attributes, declared in the catalog from a sample of contacts."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from customerly.values import Unreadable, read_integer, read_mapping, read_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api, Direction, Kind

    from tap_customerly.records.types import Properties, Property

_KINDS: tuple[Kind, ...] = ("users", "leads")
_ENDS: tuple[Direction, ...] = ("desc", "asc")
_SAMPLE = 100  # contacts from each end of each list


def sampled_attributes(api: Api) -> Properties:
    """Look at the newest and the oldest contacts, and tell the types of their attributes.

    Nothing on the wire tells a date from a number: UNIX seconds stay integers.

    Args:
        api: The API; four requests are sent.

    Returns:
        Attribute to field, in the order of their names.
    """
    values: defaultdict[str, list[Any]] = defaultdict(list)
    for kind in _KINDS:
        for direction in _ENDS:
            for contact in api.list_contacts(kind, per_page=_SAMPLE, direction=direction):
                try:
                    attributes = read_mapping(contact.get("attributes") or {})
                except Unreadable:
                    continue
                for name, value in attributes.items():
                    values[name].append(value)
    return {name: _field(name, values[name]) for name in sorted(values)}


def _field(name: str, values: list[Any]) -> Property:
    kind = _type_of([value for value in values if value not in (None, "")])
    field: Property = {"description": f"Custom attribute {name}"}
    return {"type": [kind, "null"], **field} if kind else field


def _type_of(values: list[Any]) -> str:
    """Name the narrowest type that all values can be read as; empty where there is none."""
    classes = {type(value) for value in values}
    if not classes or classes & {dict, list}:
        return ""
    if classes == {bool}:
        return "boolean"
    if classes <= {str}:
        return "string"
    for kind, read in _NUMERIC.items():
        if bool not in classes and all(_reads(read, value) for value in values):
            return kind
    return "string"


_NUMERIC: dict[str, Callable[[Any], Any]] = {"integer": read_integer, "number": read_number}


def _reads(read: Callable[[Any], Any], value: object) -> bool:
    """Tell whether a value is of a type, and is the same when it is written as text again."""
    try:
        found = read(value)
    except Unreadable:
        return False
    return not isinstance(value, str) or str(found) == value
