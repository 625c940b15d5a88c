"""The plan of a stream: how a record of it becomes an operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from target_customerly.intake.columns import Columns
from target_customerly.intake.resources import RESOURCES
from target_customerly.intake.usual_form import usual_form
from target_customerly.intake.values import BadValue, is_empty

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from target_customerly.intake.resources import Context, Resource
    from target_customerly.intake.rules import Rules, StreamRule
    from target_customerly.intake.usual_form import UsualForm
    from target_customerly.operations import Operation, Origin, Record
    from target_customerly.settings import Settings


class BadRecord(Exception):
    """A record that can't become an operation; the message shows none of its values.

    Args:
        operation: What it asked for, as far as that is known.
        reason: Why it can't be applied.
    """

    def __init__(self, operation: str, reason: str) -> None:
        super().__init__(reason)
        self.operation = operation


def is_blank(record: Record) -> bool:
    """Tell whether nothing in a record is filled but what a tap adds by itself.

    Args:
        record: The record.

    Returns:
        True where it says nothing.
    """
    return all(is_empty(value) or name.startswith("_sdc_") for name, value in record.items())


@dataclass(frozen=True)
class StreamPlan:
    """How a stream's records become operations; made from its SCHEMA.

    Attributes:
        stream: The stream's name.
        rule: What the settings say of it.
        resource: What its records are.
        columns: What its columns become.
        context: What resources need to know of the run.
        usual_form: Reads most records of contacts; None where none can have that form.
    """

    stream: str
    rule: StreamRule
    resource: Resource
    columns: Columns
    context: Context
    usual_form: UsualForm | None = None

    def operation(self, origin: Origin, record: Record) -> Operation:
        """Turn a record into an operation.

        Args:
            origin: The record as it came.
            record: The record, after stream maps.

        Returns:
            The operation.

        Raises:
            BadRecord: A value is missing or can't be sent.
        """
        name = self.rule.operation
        try:
            operation = None
            if self.usual_form is not None:
                operation = self.usual_form.operation(origin, record)
            if operation is None:
                fields, cells = self.columns.read(record)
                if self.rule.tag_separator and isinstance(tags := fields.get("tags"), str):
                    fields["tags"] = tags.split(self.rule.tag_separator)
                name = self.resource.chosen(fields, name)
                by_key = name in self.resource.by_key_alone
                attributes = {} if by_key or not cells else self.columns.attributes(cells)
                operation = self.resource.operation(origin, name, fields, attributes, self.context)
            if self.rule.tag:
                self.resource.add_tag(operation, self.rule.tag, self.context)
        except BadValue as error:
            raise BadRecord(name, str(error)) from None
        return operation


def plan_stream(
    stream: str,
    schema: Mapping[str, Any],
    rules: Rules,
    settings: Settings,
    context: Context,
    warn: Callable[[str], None],
) -> StreamPlan | None:
    """Plan how a stream is applied.

    Args:
        stream: Its name.
        schema: Its SCHEMA.
        rules: Which resource a stream is applied as.
        settings: The target's settings.
        context: What resources need to know of the run.
        warn: Takes a line for the log.

    Returns:
        The plan; None for a stream that is ignored.

    Raises:
        ConfigError: The stream maps to no resource, or its columns do not fit it.
    """
    rule = rules.of(stream)
    if rule is None:
        warn(f"The stream {stream} maps to no resource and is ignored")
        return None
    resource = RESOURCES[rule.resource]
    columns = Columns(stream, schema, rule, resource, settings, warn)
    form = usual_form(columns, resource, rule.operation, context)
    return StreamPlan(stream, rule, resource, columns, context, form)
