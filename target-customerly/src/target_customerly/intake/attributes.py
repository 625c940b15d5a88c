"""Custom attributes: what a record's columns, and its `attributes` object, become of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from customerly.fields import ATTRIBUTE_TEXT_LIMIT

from target_customerly.intake import values
from target_customerly.intake.dates import seconds
from target_customerly.intake.json_cells import json_object
from target_customerly.intake.names import is_plain_name, normalised
from target_customerly.intake.values import BadValue, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from target_customerly.intake.cell_types import Reader
    from target_customerly.intake.column import Cells, Column
    from target_customerly.settings import Settings

Record = dict[str, Any]

_MOST_KEYS = 10_000  # of attributes as an object, about which the decision is remembered
_NEVER_BLANK = frozenset({bool, int, float})


class Attributes:
    """Reads the attributes of one stream's records.

    Args:
        stream: Its name, for warnings.
        settings: The target's settings.
        warn: Takes a line for the log.
    """

    def __init__(self, stream: str, settings: Settings, warn: Callable[[str], None]) -> None:
        self._stream = stream
        self._warn = warn
        self._names = settings.attribute_names
        self._skip = settings.empty_values == "skip"
        self._truncate = settings.long_text == "truncate"
        self._keys: dict[str, dict[str, str]] = {}
        self._kept_keys: dict[str, set[str]] = {}  # whose values go out just so, dates aside

    def name_of(self, name: str) -> str | None:
        """Say what an attribute is called on the wire.

        Args:
            name: A column, or a key of an `attributes` object.

        Returns:
            The attribute's name, empty where nothing is left of it; None where `attribute_names`
            rejects it.
        """
        if self._names == "keep" or is_plain_name(name):
            return name
        return normalised(name) if self._names == "normalise" else None

    def read(self, cells: Cells) -> Record:
        """Turn cells into attributes; those of an `attributes` object win over single columns.

        Args:
            cells: Columns that are no field of the resource, each with its value.

        Returns:
            The attributes as they go out.

        Raises:
            BadValue: A value or a name can't be sent.
        """
        attributes: Record = {}
        whole: Record = {}
        for column, value in cells:
            if column.attribute is not None:
                if column.reader is None and _go_as_they_are((value,)):
                    attributes[column.attribute] = value
                else:
                    self._set(attributes, column.attribute, column.name, value, column.reader)
            elif column.unwanted:
                if not _is_blank(value):
                    raise BadValue(column.unwanted)
            else:
                whole = self._of_object(column, value)
        if not attributes:
            return whole
        attributes.update(whole)
        return attributes

    def _of_object(self, column: Column, value: object) -> Record:
        given = value if isinstance(value, dict) else json_object(column.name, value)
        kept = self._kept_keys.setdefault(column.name, set())
        if given.keys() <= kept and _go_as_they_are(given.values()):
            return given  # what nearly every object is; nobody changes it
        attributes: Record = {}
        names = self._keys.setdefault(column.name, {})
        renamed = False
        for key, item in given.items():
            name = names.get(key) or self._key(names, column, key)
            renamed = renamed or name != key
            reader = seconds if key in column.dates else None
            self._set(attributes, name, f"{column.name}.{key}", item, reader)
            if name == key and reader is None and len(kept) < _MOST_KEYS:
                kept.add(key)
        if renamed:
            self._check_names(names, column, given)
        return attributes

    def _check_names(self, names: dict[str, str], column: Column, given: Record) -> None:
        """Reject two keys that become one name."""
        taken: set[str] = set()
        for key in given:
            name = names.get(key) or self._key(names, column, key)
            if name in taken:
                raise BadValue(f"{column.name}.{key}: another key becomes {name} too")
            taken.add(name)

    def _key(self, names: dict[str, str], column: Column, key: str) -> str:
        """Decide once what a key of an `attributes` object is called on the wire."""
        name = self.name_of(key)
        if not name:
            raise BadValue(
                f"{column.name}.{key}: the name holds a character that no attribute's name has"
            )
        if len(names) >= _MOST_KEYS:  # keys that are data, as numbers of orders
            return name
        names[key] = name
        return name

    def _set(
        self, attributes: Record, name: str, column: str, value: object, reader: Reader | None
    ) -> None:
        if value.__class__ not in _NEVER_BLANK and _is_blank(value):
            if not self._skip:
                attributes[name] = ""  # clears a value (docs/api-contract.md#create-or-update)
            return
        if reader is not None:
            value = reader(column, value)
            if value is None:
                return
        if isinstance(value, (list, dict)):
            value = _written(value)
            if len(value) > ATTRIBUTE_TEXT_LIMIT:
                self._warn(
                    f"{self._stream}: {column}: a list or object is longer than an attribute can "
                    "hold; it is left out, and the rest of the record sent"
                )
                return
        attributes[name] = values.scalar(column, value, truncate=self._truncate)


def _written(value: list[Any] | Record) -> str:
    """Write a nested value as text: a list of scalars joined, all else as JSON."""
    if isinstance(value, list) and not any(isinstance(item, (list, dict)) for item in value):
        return ", ".join(
            item if isinstance(item, str) else json.dumps(values.plain(item))
            for item in value
            if not is_empty(item)
        )
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


_LARGEST = 2**53  # which every number format holds


def _go_as_they_are(items: Iterable[object]) -> bool:
    """Tell of values whether all are surely neither blank nor special, too long or large."""
    for value in items:
        if isinstance(value, str):
            if not (0 < len(value) <= ATTRIBUTE_TEXT_LIMIT and value[0].isalnum()):
                return False
        elif not (isinstance(value, (int, float)) and -_LARGEST < value < _LARGEST):
            return False
    return True


def _is_blank(value: object) -> bool:
    """Tell whether a cell is blank; PHP and warehouses write that as `[]` or `{}` too."""
    return is_empty(value) or value in ([], {})
