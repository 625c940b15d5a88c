"""The sink of a stream: checks records against the SCHEMA and hands them to the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, cast

from singer_sdk.exceptions import MissingKeyPropertiesError
from singer_sdk.sinks import RecordSink

from target_customerly.operations import Origin
from target_customerly.validation import Validator

if TYPE_CHECKING:
    from singer_sdk import Target
    from singer_sdk.sinks.core import BaseJSONSchemaValidator

    from target_customerly.operations import Record
    from target_customerly.pipeline import Pipeline
    from target_customerly.settings import Settings


class Run(Protocol):
    """What a sink needs of the target."""

    settings: Settings

    @property
    def pipeline(self) -> Pipeline:
        """What applies the records."""


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
        target: Target,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: list[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        run = cast("Run", target)
        self._pipeline = run.pipeline
        self._plan = run.pipeline.plan(stream_name, self.original_schema)
        self._keys = frozenset(key_properties or ())
        self._validation = Validator(schema) if run.settings.validate_records else None

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
        missing = [] if self._keys <= record.keys() else sorted(self._keys - record.keys())
        if self._plan is None:
            if missing:
                raise MissingKeyPropertiesError(
                    f"Line {origin.line} of the input: the record of {self.stream_name} has no "
                    f"{', '.join(missing)}, which is its key"
                )
            return
        if missing:
            self.refuse(origin, f"{', '.join(missing)}: is the key of the stream, and missing")
        elif self._validation and (complaint := self._validation.complaint(record)):
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
