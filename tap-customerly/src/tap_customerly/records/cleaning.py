"""Records are clean, whatever the wire sent: a cleaner is compiled once from a stream's schema.

What a field's reader cannot read becomes null and is kept as it came, beside the fields that the
schema does not name, so that nothing is lost.
"""

from __future__ import annotations

import threading
from collections import Counter
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from customerly.values import (
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

from tap_customerly.records.types import ADDITIONAL

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Record = dict[str, Any]

_TEXTS = frozenset({str, type(None)})

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


def _no_values(_record: Record) -> tuple[()]:
    return ()


def _rule(field: Mapping[str, Any]) -> Rule:
    return _RULES.get(_kind(field), (None, read_anything))


class Cleaner:
    """Turns wire records into clean ones; safe to share among threads.

    Args:
        schema: A stream's schema. Fields that it does not name go to `additional_fields`, or are
            left out where it does not name that either.
        readers: Readers of this stream's own, by field, in place of those of the field's type.
        flattens: Whether the keys that an object declares become columns, so that others have no
            place in it and go to `additional_fields` as well.
    """

    def __init__(
        self,
        schema: Mapping[str, Any],
        readers: Mapping[str, Callable[[Any], Any]] | None = None,
        *,
        flattens: bool = False,
    ) -> None:
        self._flattens = flattens
        self.defects: Counter[str] = Counter()
        self._lock = threading.Lock()
        fields: dict[str, Any] = schema.get("properties", {})
        own: dict[str, Rule] = {name: (None, read) for name, read in (readers or {}).items()}
        self._keeps_the_rest = ADDITIONAL in fields
        self._blank: Record = dict.fromkeys(name for name in fields if name != ADDITIONAL)
        self._objects = [name for name in self._blank if _kind(fields[name]) == "object"]
        self._rules = [(name, *(own.get(name) or _rule(fields[name]))) for name in self._blank]
        self._rules_but_texts = [rule for rule in self._rules if rule[1] is not str]
        texts = [name for name, good, _ in self._rules if good is str]
        self._texts = itemgetter(*texts, *texts[:1]) if texts else _no_values
        self._inner = {
            name: {key: _rule(inner) for key, inner in fields[name]["properties"].items()}
            for name in self._objects
            if fields[name].get("properties")
        }

    def __call__(self, raw: Record) -> Record:
        """Clean one record.

        Args:
            raw: A record as it came from the wire; it is left as it is.

        Returns:
            A record with every field of the schema.
        """
        record = self._blank | raw
        rest: Record = {}
        if len(record) > len(self._blank):
            rest = {name: record.pop(name) for name in raw if name not in self._blank}
        for name in self._objects:
            if record[name] is None:
                record[name] = {}
        # Most fields are texts, and nearly all of those need no reading: one look at all of them.
        as_they_are = _TEXTS.issuperset(map(type, self._texts(record)))
        for name, good, read in self._rules_but_texts if as_they_are else self._rules:
            value = record[name]
            if value is not None and value.__class__ is not good:
                try:
                    record[name] = read(value)
                except Unreadable as unreadable:
                    record[name] = unreadable.instead
                    self._keep(rest, name, value, is_lost=unreadable.instead is None)
        for outer, inner in self._inner.items():
            self._clean_inner(record, rest, outer, inner)
        if self._keeps_the_rest:
            record[ADDITIONAL] = rest
        return record

    def _clean_inner(self, record: Record, rest: Record, name: str, rules: dict[str, Rule]) -> None:
        """Clean the declared keys of an object; the others may be anything."""
        value = record[name]
        if not value:
            return
        record[name] = clean = dict(value)
        unread: Record = {}
        if self._flattens:
            unread = {key: clean.pop(key) for key in value if key not in rules}
        for key in rules.keys() & clean.keys():
            try:
                clean[key] = None if clean[key] is None else rules[key][1](clean[key])
            except Unreadable:
                self._keep(unread, key, clean[key], is_lost=True, inside=f"{name}.")
                clean[key] = None
        if unread:
            rest[name] = unread

    def _keep(
        self,
        rest: Record,
        name: str,
        value: object,
        *,
        is_lost: bool,
        inside: str = "",
    ) -> None:
        """Keep a value that could not be read as it came, and count it if nothing stands for it."""
        rest[name] = value
        if is_lost:
            with self._lock:  # Counter is not atomic, and pages are cleaned in several threads
                self.defects[inside + name] += 1
