"""The columns of a stream: which field of the resource, or which attribute, each one becomes.

Compiled once from the SCHEMA, so that a record costs one look-up a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customerly.errors import ConfigError
from customerly.fields import ATTRIBUTE_TEXT_LIMIT

from target_customerly import values
from target_customerly.values import BadValue, is_empty, normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from target_customerly.settings import Settings, StreamRule

Record = dict[str, Any]

_MOST_KEYS = 10_000  # of attributes as an object, about which the decision is remembered
_NEVER_BLANK = frozenset({bool, int, float})
_CONTROL = frozenset({"_operation"})


@dataclass(frozen=True, slots=True)
class Column:
    """What becomes of a column.

    Attributes:
        name: As it is in the record.
        field: The resource's field; None where it is an attribute, or nothing.
        attribute: The attribute's name; None where it is none.
        is_date: Whether the SCHEMA calls it a date or date-time.
        dates: Of an object: the keys that the SCHEMA calls a date or date-time.
        unwanted: Whether a record that has a value here is rejected.
    """

    name: str
    field: str | None = None
    attribute: str | None = None
    is_date: bool = False
    dates: frozenset[str] = frozenset()
    unwanted: str | None = None


Cells = list[tuple[Column, Any]]
"""What a record holds beside its resource's fields."""


class Columns:
    """The columns of one stream.

    Args:
        stream: Its name, for complaints.
        schema: Its SCHEMA.
        rule: How it is applied.
        fields: The resource's fields.
        has_attributes: Whether the resource takes custom attributes.
        read_only: Fields that are left out.
        settings: The target's settings.
        warn: Takes a line for the log.

    Raises:
        ConfigError: Two columns become one.
    """

    def __init__(
        self,
        stream: str,
        schema: Mapping[str, Any],
        rule: StreamRule,
        fields: Iterable[str],
        *,
        has_attributes: bool,
        read_only: frozenset[str],
        settings: Settings,
        warn: Callable[[str], None],
    ) -> None:
        self._stream = stream
        self._mapping = rule.mapping
        self._fields = frozenset(fields)
        self._has_attributes = has_attributes
        self._read_only = read_only
        self._settings = settings
        self._warn = warn
        self._skip = settings.empty_values == "skip"
        self._truncate = settings.long_text == "truncate"
        self._ignored: set[str] = set()
        self._has_warned = False
        self._known: dict[str, Column] = {}
        self._inner: dict[tuple[str, str], Column] = {}
        self._names: dict[str, str] = {}
        properties = schema.get("properties") or {}
        for name, definition in properties.items():
            self._add(name, definition if isinstance(definition, dict) else {})
        for name, target in self._mapping.items():
            if not has_attributes and target not in self._fields:
                raise ConfigError(f"{stream}: {name} is mapped to {target}, which is no field")
        kept = sorted(self._read_only & properties.keys() - self._mapping.keys())
        is_of_the_tap = "crmhero_user_id" in kept  # and then all is as meant
        if kept not in ([], ["additional_fields"]) and not is_of_the_tap:
            warn(
                f"{stream}: Customerly sets {', '.join(kept)} itself, so they are left out; where "
                f"one is yours, map it to itself, as streams: {{{stream}: {{mapping: "
                f"{{{kept[0]}: {kept[0]}}}}}}}"
            )
        self._resource = rule.resource
        self._say_what_is_ignored()

    @property
    def dates(self) -> list[str]:
        """The columns that the SCHEMA calls a date or date-time, `attributes.key` where nested."""
        return [
            name if column.is_date else f"{name}.{key}"
            for name, column in self._known.items()
            for key in ([""] if column.is_date else sorted(column.dates))
        ]

    @property
    def are_none(self) -> bool:
        """Whether the SCHEMA names only what a tap adds by itself, as where a file is missing."""
        return bool(self._known) and all(name.startswith("_sdc_") for name in self._known)

    def read(self, record: Record) -> tuple[Record, Cells]:
        """Sort a record's values into fields and other cells.

        Args:
            record: As it came.

        Returns:
            The fields' values as they came (blank ones too), and what `attributes` makes
            attributes of, which not every operation needs.

        Raises:
            BadValue: A column that the SCHEMA does not name becomes what another one is.
        """
        fields: Record = {}
        cells: Cells = []
        known = self._known
        for name, value in record.items():
            column = known.get(name) or self._late(name)
            if column.field is None:
                if column.attribute is not None or column.unwanted:
                    cells.append((column, value))
            elif column.field == "attributes":
                cells.append((column, value))
            else:
                fields[column.field] = value
        return fields, cells

    def attributes(self, cells: Cells) -> Record:
        """Turn a record's other cells into attributes.

        Args:
            cells: As `read` returned them.

        Returns:
            The attributes as they go out.

        Raises:
            BadValue: A value or a name can't be sent.
        """
        attributes: Record = {}
        whole: Record = {}
        for column, value in cells:
            if column.attribute is not None:
                self._set(attributes, column.attribute, column, value)
            elif column.unwanted:
                if not _is_blank(value):
                    raise BadValue(column.unwanted)
            else:
                whole = self._whole(column, value)
        attributes.update(whole)
        return attributes

    def _whole(self, column: Column, value: Any) -> Record:  # noqa: ANN401
        """Read the column that holds attributes as an object; it wins over single columns."""
        attributes: Record = {}
        taken: set[str] = set()
        for key, item in values.json_object(column.name, value).items():
            inner = self._inner.get((column.name, key)) or self._add_inner(column, key)
            name = inner.attribute
            if name is None:
                raise BadValue(str(inner.unwanted))
            if name in taken:
                raise BadValue(f"{inner.name}: another key becomes {name} too")
            taken.add(name)
            self._set(attributes, name, inner, item)
        return attributes

    def _add_inner(self, column: Column, key: str) -> Column:
        """Decide about a key of the column that holds attributes as an object, once."""
        shown = f"{column.name}.{key}"
        inner = Column(
            shown,
            attribute=self._attribute_name(key),
            is_date=key in column.dates,
            unwanted=f"{shown}: the name holds a character that no attribute's name has",
        )
        if len(self._inner) >= _MOST_KEYS:  # keys that are data, as numbers of orders
            self._inner.clear()
        self._inner[column.name, key] = inner
        return inner

    def _set(self, attributes: Record, name: str, column: Column, value: Any) -> None:  # noqa: ANN401
        kind = value.__class__
        if kind is str and not column.is_date and _is_short(value):
            attributes[name] = value  # what nearly every cell is
            return
        if kind not in _NEVER_BLANK and _is_blank(value):
            if not self._skip:
                attributes[name] = ""  # what clears a value, a date's too (wire contract)
            return
        if column.is_date:
            value = values.seconds(column.name, value)
        attributes[name] = values.scalar(column.name, value, truncate=self._truncate)

    def _late(self, name: str) -> Column:
        """Take in a column that the SCHEMA does not name."""
        try:
            column = self._add(name, {})
        except ConfigError as error:
            raise BadValue(str(error)) from None
        self._say_what_is_ignored()
        return column

    def _say_what_is_ignored(self) -> None:
        if self._ignored and not self._has_attributes and not self._has_warned:
            self._has_warned = True
            self._warn(
                f"{self._stream}: {self._resource} has no attributes, so these columns are "
                f"ignored: {', '.join(sorted(self._ignored))}"
            )

    def _add(self, name: str, definition: Mapping[str, Any]) -> Column:
        column = self._column(name, definition)
        becomes = column.field or column.attribute
        if becomes is not None:
            kind = "field" if column.field else "attribute"
            other = self._names.setdefault(f"{kind} {becomes}", name)
            if other != name:
                raise ConfigError(
                    f"{self._stream}: the columns {other} and {name} both become {becomes}: "
                    "rename one of them in streams.mapping"
                )
        self._known[name] = column
        return column

    def _column(self, name: str, definition: Mapping[str, Any]) -> Column:
        if name in _CONTROL:
            return Column(name, field=name)
        if name.startswith("_sdc_"):
            return Column(name, field=name if name == "_sdc_deleted_at" else None)
        target = self._mapping.get(name, name)
        dates = frozenset(_dates_in(definition))
        if target in self._fields:
            return Column(name, field=target, is_date=_is_date(definition), dates=dates)
        if target in self._read_only and name not in self._mapping:
            return Column(name)
        return self._other(name, target, is_date=_is_date(definition))

    def _other(self, name: str, target: str, *, is_date: bool) -> Column:
        """Decide about a column that is no field of the resource."""
        if name not in self._mapping:
            if self._settings.unknown_fields == "reject":
                return Column(name, unwanted=f"{name}: is no field (unknown_fields is reject)")
            if self._settings.unknown_fields == "ignore" or not self._has_attributes:
                self._ignored.add(name)
                return Column(name)
        attribute = self._attribute_name(target)
        if attribute is None:
            return Column(name, unwanted=f"{name}: holds a character that no attribute's name has")
        return Column(name, attribute=attribute, is_date=is_date)

    def _attribute_name(self, name: str) -> str | None:
        how = self._settings.attribute_names
        if how == "keep" or values.is_plain_name(name):
            return name
        return normalised(name) if how == "normalise" else None


def schema_of_dates(dates: object) -> Record:
    """Make a SCHEMA that says of a stream what a reject that is fed back has to know: its dates.

    Args:
        dates: As of `Columns.dates`; anything else counts as none.

    Returns:
        The schema.
    """
    properties: Record = {}
    for name in dates if isinstance(dates, list) else ():
        if not isinstance(name, str):
            continue
        column, _, key = name.partition(".") if name.startswith("attributes.") else (name, "", "")
        if key:
            whole = properties.setdefault(column, {"type": ["object", "string"], "properties": {}})
            whole["properties"][key] = {"type": ["string", "null"], "format": "date-time"}
        else:
            properties[column] = {"type": ["string", "null"], "format": "date-time"}
    return {"type": "object", "properties": properties}


def _is_short(value: str) -> bool:
    return 0 < len(value) <= ATTRIBUTE_TEXT_LIMIT and not value.isspace()


def _is_blank(value: Any) -> bool:  # noqa: ANN401
    """Tell whether a cell says nothing; PHP and warehouses write a blank as `[]` or `{}` too."""
    return is_empty(value) or value in ([], {})


def _alternatives(definition: Mapping[str, Any]) -> Iterator[Any]:
    for word in ("anyOf", "oneOf", "allOf"):
        yield from definition.get(word) or ()


def _dates_in(definition: Any) -> Iterator[str]:  # noqa: ANN401
    """Name the keys of an object, in any of its alternatives, that are a date or date-time."""
    if not isinstance(definition, dict):
        return
    properties = definition.get("properties")
    if isinstance(properties, dict):
        yield from (key for key, inner in properties.items() if _is_date(inner))
    for alternative in _alternatives(definition):
        yield from _dates_in(alternative)


def _is_date(definition: Any) -> bool:  # noqa: ANN401
    """Tell whether a schema, or any of its alternatives, is that of a date or date-time."""
    if not isinstance(definition, dict):
        return False
    if definition.get("format") in {"date-time", "date"}:
        return True
    return any(_is_date(alternative) for alternative in _alternatives(definition))
