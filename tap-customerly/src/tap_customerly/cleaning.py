"""Records are clean, whatever the wire sent: a cleaner is compiled once from a stream's schema.

What a field's reader cannot read becomes null and is kept as it came, beside the fields that the
schema does not name, so that nothing is lost.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING, Any

from tap_customerly.forms import (
    Unreadable,
    read_anything,
    read_flag,
    read_integer,
    read_list,
    read_mapping,
    read_moment,
    read_number,
    read_text,
)
from tap_customerly.schemas import ADDITIONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Record = dict[str, Any]

# For each type: the class whose values need no reading, and the reader for all others.
Rule = tuple["type | None", "Callable[[Any], Any]"]
_RULES: dict[str, Rule] = {
    "string": (str, read_text),
    "date-time": (None, read_moment),
    "boolean": (bool, read_flag),
    "integer": (None, read_integer),  # one can be too large
    "number": (None, read_number),  # one can be infinite
    "object": (dict, read_mapping),
    "array": (list, read_list),
}


def _kind(field: Mapping[str, Any]) -> str:
    """Name a field's type; empty where it may be anything."""
    types = field.get("type", ())
    kinds = {types} if isinstance(types, str) else {*types} - {"null"}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return "date-time" if kind == "string" and field.get("format") == "date-time" else kind


def _rule(field: Mapping[str, Any]) -> Rule:
    return _RULES.get(_kind(field), (None, read_anything))


class Cleaner:
    """Turns wire records into clean ones; safe to share among threads.

    Args:
        schema: A stream's schema. Fields that it does not name go to `additional_fields`, or are
            left out where it does not name that either.
        readers: Readers of this stream's own, by field, in place of those of the field's type.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        readers: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self.defects: Counter[str] = Counter()
        self._lock = threading.Lock()
        fields: dict[str, Any] = schema.get("properties", {})
        own: dict[str, Rule] = {name: (None, read) for name, read in (readers or {}).items()}
        self._keeps_the_rest = ADDITIONAL in fields
        self._blank: Record = {
            name: {} if _kind(field) == "object" else None for name, field in fields.items()
        }
        self._rules = {
            name: own.get(name) or _rule(field)
            for name, field in fields.items()
            if name != ADDITIONAL
        }
        self._inner = {
            name: {key: _rule(inner) for key, inner in field["properties"].items()}
            for name, field in fields.items()
            if _kind(field) == "object" and field.get("properties")
        }

    def __call__(self, raw: Record) -> Record:
        """Clean one record.

        Args:
            raw: A record as it came from the wire; it is left as it is.

        Returns:
            A record with every field of the schema.
        """
        record = self._blank.copy()
        rest: Record = {}
        rules = self._rules
        for name, value in raw.items():
            rule = rules.get(name)
            if rule is None:
                rest[name] = value
            elif value is not None:
                good, read = rule
                if value.__class__ is good:
                    record[name] = value
                else:
                    try:
                        record[name] = read(value)
                    except Unreadable as unreadable:
                        record[name] = unreadable.instead
                        rest[name] = value
        for outer, inner in self._inner.items():
            self._clean_inner(record, rest, outer, inner)
        if rest:
            self._keep(record, rest)
        return record

    def _clean_inner(self, record: Record, rest: Record, name: str, rules: dict[str, Rule]) -> None:
        """Clean the declared keys of an object; the others may be anything."""
        value = record[name]
        if not value:
            return
        record[name] = clean = dict(value)
        unread: Record = {}
        for key in rules.keys() & clean.keys():
            try:
                clean[key] = None if clean[key] is None else rules[key][1](clean[key])
            except Unreadable:  # noqa: PERF203 - the rest of the object is still to be read
                unread[key] = clean[key]
                clean[key] = None
        if unread:
            rest[name] = unread
            self._count(f"{name}.{key}" for key in unread)

    def _keep(self, record: Record, rest: Record) -> None:
        self._count(name for name in rest if name in self._rules and record[name] is None)
        if self._keeps_the_rest:
            record[ADDITIONAL] = rest

    def _count(self, names: Iterator[str]) -> None:
        with self._lock:  # Counter is not atomic, and pages are cleaned in several threads
            self.defects.update(names)
