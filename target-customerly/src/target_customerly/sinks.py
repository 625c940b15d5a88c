"""The sink of a stream: it checks records as Singer asks for, and hands them to the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import fastjsonschema
from singer_sdk.exceptions import MissingKeyPropertiesError
from singer_sdk.sinks import RecordSink

from target_customerly.operations import Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from singer_sdk.sinks.core import BaseJSONSchemaValidator

    from target_customerly.operations import Record
    from target_customerly.target import TargetCustomerly


def _refuse(uri: str) -> object:
    raise ValueError(f"{uri} is not fetched")


_NOWHERE = dict.fromkeys(("http", "https", "ftp", "file", "data", ""), _refuse)
"""A SCHEMA's `$ref` stays inside the SCHEMA: no request leaves for whatever host it names."""


class CustomerlySink(RecordSink):
    """Takes the records of one stream.

    Args:
        target: The target.
        stream_name: The stream's name.
        schema: Its SCHEMA.
        key_properties: Names of its key's columns.

    Raises:
        ConfigError: The stream maps to no resource, or two of its columns become one.
        InvalidJSONSchema: The SCHEMA is none.
    """

    def __init__(
        self,
        target: TargetCustomerly,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: list[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._pipeline = target.pipeline
        self._plan = target.pipeline.plan(stream_name, self.original_schema)
        self._keys = tuple(key_properties or ())
        self._validate = self._compiled(schema) if target.settings.validate_records else None

    def get_validator(self) -> BaseJSONSchemaValidator | None:
        """Have the SDK check the SCHEMA itself; records are checked by compiled code."""
        super().get_validator()
        return None

    def take(self, origin: Origin, record: Record) -> None:
        """Hand a record on, or reject it.

        Args:
            origin: The record as it came.
            record: The record, after stream maps.

        Raises:
            MissingKeyPropertiesError: The stream is ignored, and a record has no key.
            CustomerlyError: The run can't go on.
        """
        missing = [key for key in self._keys if key not in record]
        if self._plan is None:
            if missing:
                raise MissingKeyPropertiesError(
                    f"Line {origin.line} of the input: the record of {self.stream_name} has no "
                    f"{', '.join(missing)}, which is its key"
                )
            return
        if missing:
            self.refuse(origin, f"{', '.join(missing)}: is the key of the stream, and missing")
        elif complaint := self._complaint(record):
            self.refuse(origin, complaint)
        else:
            self._pipeline.take(self._plan, origin, record)

    def refuse(self, origin: Origin, reason: str) -> None:
        """Reject a record before anything is sent, unless its stream is ignored.

        Args:
            origin: The record as it came.
            reason: Why.
        """
        if self._plan is not None:
            self._pipeline.reject(origin, self._plan.rule.operation, f"check: {reason}")

    def process_record(self, record: Record, context: dict[str, Any]) -> None:  # noqa: ARG002
        """Take a record the SDK's way, of which nobody knows the line.

        Args:
            record: The record.
            context: Unused.
        """
        self.take(Origin(self.stream_name, 0, record), record)

    def _complaint(self, record: Record) -> str | None:
        """Say what the SCHEMA has against a record, without showing its values."""
        if self._validate is None:
            return None
        try:
            self._validate(record)
        except fastjsonschema.JsonSchemaValueException as error:
            where = ".".join(str(part) for part in error.path[1:]) or "the record"
            return f"{where}: does not fit the SCHEMA ({error.rule}: {error.rule_definition})"
        return None

    def _compiled(self, schema: dict[str, Any]) -> Callable[[Record], object] | None:
        try:
            validate: Callable[[Record], object] = fastjsonschema.compile(
                schema, handlers=_NOWHERE, use_default=False, use_formats=False
            )
        except Exception as error:  # noqa: BLE001 - a SCHEMA that only other libraries understand
            self.logger.warning("Records of %s are not checked: %s", self.stream_name, error)
            return None
        return validate
