"""Custom attributes, declared from a sample of contacts and from what was declared before."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from customerly.values import Unreadable, read_integer, read_mapping, read_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from customerly.api import Api, Direction, Kind

    from tap_customerly.records.types import Properties, Property

Types = dict[str, str]
"""Attribute to JSON type; empty where no single type holds all values."""

_KINDS: tuple[Kind, ...] = ("users", "leads")
_ENDS: tuple[Direction, ...] = ("desc", "asc")
_SAMPLE = 100  # contacts from each end of each list
_LONGEST_COLUMN = 63  # bytes of a column's name in PostgreSQL; longer ones are cut off
_COLUMN = re.compile(r"\w[\w .-]*")
_TYPES = ("boolean", "integer", "number", "string")


def sampled_types(api: Api) -> Types:
    """Look at the newest and the oldest contacts, and find the types of their attributes.

    Nothing distinguishes a date from a number: UNIX seconds stay integers
    (docs/api-contract.md#fields-of-a-contact).

    Args:
        api: The API; four requests are sent.

    Returns:
        Their types, in the order of their names.
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
    return {name: _type_of(values[name]) for name in sorted(values)}


def declared(types: Mapping[str, str]) -> Properties:
    """Declare attributes.

    Args:
        types: Their types.

    Returns:
        A property for each.
    """
    return {name: _property(name, kind) for name, kind in types.items()}


def types_in(properties: Mapping[str, Any]) -> Types:
    """Read the types out of declared attributes.

    Args:
        properties: As `declared` made them.

    Returns:
        Their types.
    """
    found: Types = {}
    for name, field in properties.items():
        kinds = field.get("type", ())
        named = [kind for kind in ([kinds] if isinstance(kinds, str) else kinds) if kind != "null"]
        found[name] = named[0] if len(named) == 1 else ""
    return found


def widened(before: object, now: Mapping[str, str]) -> Types:
    """Join what was declared before with what is found now: a type only ever widens.

    Args:
        before: From the state; what is damaged in it counts as absent.
        now: From the sample.

    Returns:
        The types of all of them.
    """
    known = _known(before)
    return known | {name: _wider(known.get(name, kind), kind) for name, kind in now.items()}


def as_columns(before: object, now: Mapping[str, str], prefix: str) -> Types:
    """Join the same where each attribute becomes a column.

    Few loaders can change a column, so a type stays what it was first; numbers are declared wide
    enough for fractions. Left out is what is no column's name, too long for one, or the same but
    for capitals.

    Args:
        before: From the state; what is damaged in it counts as absent.
        now: From the sample.
        prefix: What the column's name begins with.

    Returns:
        The types of those that can be columns.
    """
    known = _known(before)
    wide = {name: "number" if kind == "integer" else kind for name, kind in now.items() if kind}
    types = wide | known
    return {name: types[name] for name in _distinct([*known, *wide]) if _fits(prefix, name)}


def _known(before: object) -> Types:
    types = before if isinstance(before, dict) else {}
    return {name: kind for name, kind in types.items() if kind in (*_TYPES, "")}


def _distinct(names: Iterable[str]) -> Iterable[str]:
    seen: set[str] = set()
    for name in dict.fromkeys(names):
        if name.casefold() not in seen:
            seen.add(name.casefold())
            yield name


def _fits(prefix: str, name: str) -> bool:
    return bool(_COLUMN.fullmatch(name)) and len((prefix + name).encode()) <= _LONGEST_COLUMN


def _property(name: str, kind: str) -> Property:
    field: Property = {"description": f"Custom attribute {name}"}
    return {"type": [kind, "null"], **field} if kind else field


def _wider(one: str, other: str) -> str:
    if one == other:
        return one
    if not one or not other:
        return ""
    return "number" if {one, other} == {"integer", "number"} else "string"


def _type_of(values: list[Any]) -> str:
    """Name the narrowest type that all values can be read as; empty where there is none."""
    filled = [value for value in values if value not in (None, "")]
    classes = {type(value) for value in filled}
    if not classes or classes & {dict, list}:
        return ""
    if classes == {bool}:
        return "boolean"
    if classes <= {str}:
        return "string"
    for kind, read in _NUMERIC.items():
        if bool not in classes and all(_reads(read, value) for value in filled):
            return kind
    return "string"


_NUMERIC: dict[str, Callable[[Any], Any]] = {"integer": read_integer, "number": read_number}


def _reads(read: Callable[[Any], Any], value: object) -> bool:
    """Say whether a value is of a type, and is the same when it is written as text again."""
    try:
        found = read(value)
    except Unreadable:
        return False
    return not isinstance(value, str) or str(found) == value
