"""The columns of a stream: which field of the resource, or which attribute, each one becomes.

Compiled once from the SCHEMA, so that a record costs one look-up a column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from customerly.errors import ConfigError
from customerly.text import trimmed

from target_customerly.intake.attributes import Attributes
from target_customerly.intake.cell_types import AutoType, reader_of
from target_customerly.intake.column import Cells, Column
from target_customerly.intake.schema_types import dates_in, reader_in
from target_customerly.intake.understanding import (
    JOINED,
    check_key,
    check_names,
    understand,
    usual_field,
)
from target_customerly.intake.values import BadValue, is_empty, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_customerly.intake.cell_types import Reader
    from target_customerly.intake.resources.base import Resource
    from target_customerly.intake.rules import StreamRule
    from target_customerly.settings import Settings

Record = dict[str, Any]

_CONTROL = frozenset({"_operation", "_sdc_deleted_at"})


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
        ConfigError: Two columns become one, none is the key, or a setting names one that is not
            there.
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
        self._rule = rule
        self._resource = resource
        self._fields = frozenset(resource.fields)
        self._unknown_fields = settings.unknown_fields
        self._attributes = Attributes(stream, settings, warn)
        self._warn = warn
        self._ignored: set[str] = set()
        self._has_warned = False
        self._known: dict[str, Column] = {}
        self._names: dict[str, str] = {}
        properties = schema.get("properties") or {}
        self._lacks_key = False
        self._are_of_files = "_sdc_source_file" in properties
        own = [name for name in properties if name not in _CONTROL and name[:5] != "_sdc_"]
        self._targets = understand(own, rule.mapping, resource.fields)
        self._joined = [name for name, target in self._targets.items() if target == JOINED]
        self._check(own, is_open=not own or schema.get("additionalProperties") is True)
        for name, definition in properties.items():
            self._add(name, definition if isinstance(definition, dict) else {})
        self._warn_of_read_only(own)
        self._warn_of_ignored()

    @property
    def known(self) -> list[Column]:
        """All columns that came up so far, those that steer the target too."""
        return list(self._known.values())

    @property
    def are_none(self) -> bool:
        """Whether the SCHEMA names only what a tap adds by itself, as where a file is missing."""
        return bool(self._known) and all(name.startswith("_sdc_") for name in self._known)

    def described(self) -> str:
        """Say in one line what becomes of each column that does not simply keep its name.

        Returns:
            As `E-Mail → email, Company name → attribute company_name, note → left out`; empty where
            all keep their names.
        """
        return ", ".join(
            f"{column.name} → {becomes}"
            for column in self._known.values()
            if (becomes := self._becomes(column)) not in (column.name, "")
        )

    def columns(self) -> list[Column]:
        """Return what becomes of each column of the source, in the SCHEMA's order."""
        return [
            column
            for name, column in self._known.items()
            if name not in _CONTROL and name[:5] != "_sdc_"
        ]

    def read(self, record: Record) -> tuple[Record, Cells]:
        """Sort a record's values into fields and other cells.

        Args:
            record: As it came.

        Returns:
            The fields' values as they came (blank ones too), and what `attributes` makes
            attributes of, which not every operation needs.

        Raises:
            BadValue: A column that the SCHEMA does not name becomes what another one is.
            ConfigError: Neither the SCHEMA nor the first record has the resource's key.
        """
        if self._lacks_key:
            self._look_for_key(record)
        fields: Record = {}
        cells: Cells = []
        known = self._known
        for name, value in record.items():
            column = known.get(name) or self._late(name, record)
            field = column.field
            if field is None:
                if column.attribute is not None or column.unwanted:
                    cells.append((column, value))
            elif field == "attributes":
                cells.append((column, value))
            else:
                fields[field] = value
        if len(self._joined) > 1:
            parts = [(name, record[name]) for name in self._joined if name in record]
            filled = [trimmed(text(name, part)) for name, part in parts if not is_empty(part)]
            fields[JOINED] = " ".join(filled)
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

    def _check(self, own: list[str], *, is_open: bool) -> None:
        """See to it, where the SCHEMA names all columns, that those are there that are needed."""
        rule = self._rule
        allowed = {None, *self._fields}
        for name, target in rule.mapping.items():
            if target not in allowed and not self._resource.has_attributes:
                raise ConfigError(
                    f"{self._stream}: {name} is mapped to {target}, which is no field"
                )
        if is_open:
            return
        if rule.pattern == self._stream:  # another pattern is for streams of several kinds
            check_names(self._stream, "mapping", rule.mapping, own)
            check_names(self._stream, "types", rule.types, own)
        if self._are_of_files:
            check_key(self._stream, self._resource.key, self._targets, own)
        else:
            self._lacks_key = not {self._targets.get(name) for name in own} & {*self._resource.key}

    def _look_for_key(self, record: Record) -> None:
        """See to it, before anything is sent, that a record has the key that its SCHEMA lacks."""
        self._lacks_key = False
        names = list(dict.fromkeys([*(one.name for one in self.columns()), *record]))
        targets = understand(names, self._rule.mapping, self._resource.fields)
        check_key(self._stream, self._resource.key, targets, names)

    def _late(self, name: str, record: Record) -> Column:
        """Take in a column that the SCHEMA does not name."""
        if name not in self._targets:
            free = [field for field in self._resource.fields if f"field {field}" not in self._names]
            field = name if name in free else usual_field(name, free)
            if field is not None and field not in record:
                self._targets[name] = field
        try:
            column = self._add(name, {})
        except ConfigError as error:
            raise BadValue(str(error)) from None
        if name in self._resource.read_only:
            self._warn_of_read_only([*self._known, *record])
        self._warn_of_ignored()
        return column

    def _add(self, name: str, definition: Mapping[str, Any]) -> Column:
        column = self._column(name, definition)
        becomes = column.field or column.attribute
        if becomes is not None:
            what = "field" if column.field else "attribute"
            other = self._names.setdefault(f"{what} {becomes}", name)
            if other != name and not (name in self._joined and other in self._joined):
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
        target = self._targets.get(name, name)
        if target is None:
            return Column(name)
        if target in self._fields:
            dates = frozenset(dates_in(definition))
            return Column(name, field=target, dates=dates)
        if target in self._resource.read_only and name not in self._rule.mapping:
            return Column(name)
        return self._other(name, target, definition)

    def _other(self, name: str, target: str, definition: Mapping[str, Any]) -> Column:
        """Decide about a column that is no field of the resource."""
        if name not in self._rule.mapping:
            if self._unknown_fields == "reject":
                return Column(name, unwanted=f"{name}: is no field (unknown_fields is reject)")
            if self._unknown_fields == "ignore" or not self._resource.has_attributes:
                self._ignored.add(name)
                return Column(name)
        attribute = self._attributes.name_of(target)
        if attribute is None:
            return Column(name, unwanted=f"{name}: holds a character that no attribute's name has")
        if not attribute:
            raise ConfigError(
                f"{self._stream}: {name}: no letter or digit is left of the column's name that an "
                f"attribute could be called by: map it to a name, as streams.mapping: "
                f"{{{name}: my_name}}"
            )
        reader = self._reader(name, definition)
        return Column(name, attribute=attribute, reader=reader)

    def _reader(self, name: str, definition: Mapping[str, Any]) -> Reader | None:
        """Choose what reads an attribute's cells: the settings win over the SCHEMA."""
        given = self._rule.types.get(name)
        if given:
            return reader_of(given, f"streams.{self._rule.pattern}.types.{name}")
        if self._rule.finds_types and self._are_of_files:
            return AutoType().read
        return reader_in(definition)

    def _becomes(self, column: Column) -> str:
        if column.name in _CONTROL or column.name.startswith("_sdc_"):
            return ""
        type_ = self._rule.types.get(column.name)
        shown = f" ({type_})" if type_ else ""
        if column.field:
            return column.field
        if column.attribute == column.name and not shown:
            return column.name
        return f"attribute {column.attribute}{shown}" if column.attribute else "left out"

    def _warn_of_read_only(self, names: list[str]) -> None:
        """Warn of columns that only Customerly can set, unless all of it comes from our tap."""
        left_out = sorted(self._resource.read_only & set(names) - self._rule.mapping.keys())
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
