"""The columns of a stream: which field of the resource, or which attribute, each one becomes.

Compiled once from the SCHEMA, so that a record costs one look-up a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from customerly.errors import ConfigError

from target_customerly.intake.attributes import Attributes
from target_customerly.intake.schema_dates import dates_in, is_date
from target_customerly.intake.values import BadValue

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_customerly.intake.resources.base import Resource
    from target_customerly.intake.rules import StreamRule
    from target_customerly.settings import Settings

Record = dict[str, Any]

_CONTROL = frozenset({"_operation", "_sdc_deleted_at"})


@dataclass(frozen=True, slots=True)
class Column:
    """What becomes of a column.

    Attributes:
        name: As it is in the record.
        field: The resource's field; None where it is an attribute, or nothing.
        attribute: The attribute's name; None where it is none.
        is_date: Whether the SCHEMA calls it a date or date-time.
        dates: Of an object: the keys that the SCHEMA calls a date or date-time.
        unwanted: Why a record that has a value here is rejected.
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
        resource: What its records are.
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
        resource: Resource,
        settings: Settings,
        warn: Callable[[str], None],
    ) -> None:
        self._stream = stream
        self._mapping = rule.mapping
        self._resource = resource
        self._fields = frozenset(resource.fields)
        self._unknown_fields = settings.unknown_fields
        self._attributes = Attributes(settings)
        self._warn = warn
        self._ignored: set[str] = set()
        self._has_warned = False
        self._known: dict[str, Column] = {}
        self._names: dict[str, str] = {}
        properties = schema.get("properties") or {}
        for name, definition in properties.items():
            self._add(name, definition if isinstance(definition, dict) else {})
        for name, target in self._mapping.items():
            if not resource.has_attributes and target not in self._fields:
                raise ConfigError(f"{stream}: {name} is mapped to {target}, which is no field")
        self._warn_of_read_only(properties)
        self._warn_of_ignored()

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
            field = column.field
            if field is None:
                if column.attribute is not None or column.unwanted:
                    cells.append((column, value))
            elif field == "attributes":
                cells.append((column, value))
            else:
                fields[field] = value
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
        return self._attributes.read(cells)

    def _late(self, name: str) -> Column:
        """Take in a column that the SCHEMA does not name."""
        try:
            column = self._add(name, {})
        except ConfigError as error:
            raise BadValue(str(error)) from None
        self._warn_of_ignored()
        return column

    def _add(self, name: str, definition: Mapping[str, Any]) -> Column:
        column = self._column(name, definition)
        becomes = column.field or column.attribute
        if becomes is not None:
            what = "field" if column.field else "attribute"
            other = self._names.setdefault(f"{what} {becomes}", name)
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
            return Column(name)
        target = self._mapping.get(name, name)
        if target in self._fields:
            dates = frozenset(dates_in(definition))
            return Column(name, field=target, is_date=is_date(definition), dates=dates)
        if target in self._resource.read_only and name not in self._mapping:
            return Column(name)
        return self._other(name, target, definition)

    def _other(self, name: str, target: str, definition: Mapping[str, Any]) -> Column:
        """Decide about a column that is no field of the resource."""
        if name not in self._mapping:
            if self._unknown_fields == "reject":
                return Column(name, unwanted=f"{name}: is no field (unknown_fields is reject)")
            if self._unknown_fields == "ignore" or not self._resource.has_attributes:
                self._ignored.add(name)
                return Column(name)
        attribute = self._attributes.name_of(target)
        if attribute is None:
            return Column(name, unwanted=f"{name}: holds a character that no attribute's name has")
        return Column(name, attribute=attribute, is_date=is_date(definition))

    def _warn_of_read_only(self, properties: Mapping[str, Any]) -> None:
        """Warn of columns that only Customerly can set, unless all of it comes from our tap."""
        left_out = sorted(self._resource.read_only & properties.keys() - self._mapping.keys())
        if left_out in ([], ["additional_fields"]) or "crmhero_user_id" in left_out:
            return
        self._warn(
            f"{self._stream}: Customerly sets {', '.join(left_out)} itself, so they are left out; "
            f"where one is yours, map it to itself, as streams: {{{self._stream}: {{mapping: "
            f"{{{left_out[0]}: {left_out[0]}}}}}}}"
        )

    def _warn_of_ignored(self) -> None:
        if self._ignored and not self._resource.has_attributes and not self._has_warned:
            self._has_warned = True
            self._warn(
                f"{self._stream}: {self._resource.name} has no attributes, so these columns are "
                f"ignored: {', '.join(sorted(self._ignored))}"
            )
