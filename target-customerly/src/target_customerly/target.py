"""The Singer target: it knows Singer, and leaves all else to the pipeline."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

import click
from customerly.connection import Connection
from customerly.errors import ConfigError, CustomerlyError
from customerly.singer import (
    USER_CAUSED,
    OneLinePlugin,
    connection_complaints,
    schema_complaints,
)
from singer_sdk import Target
from singer_sdk.exceptions import RecordsWithoutSchemaException
from singer_sdk.helpers.capabilities import PluginCapabilities, TargetCapabilities
from singer_sdk.singerlib.exceptions import InvalidInputLine

from target_customerly import __version__
from target_customerly.intake.rules import Rules
from target_customerly.intake.schema_types import dates_of, schema_of_dates
from target_customerly.ledger.rejects import MAY_BE_APPLIED
from target_customerly.operations import Origin
from target_customerly.pipeline import Pipeline
from target_customerly.reader import LineReader
from target_customerly.settings import CONFIG_JSONSCHEMA, Settings
from target_customerly.signals import Watching, note
from target_customerly.sinks import CustomerlySink
from target_customerly.stream_maps import drops_all, is_plain, schema_after

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from singer_sdk.mapper import StreamMap
    from singer_sdk.plugin_base import _ConfigInput


class _InputFile(click.ParamType):  # type: ignore[type-arg] # generic in newer releases only
    """A file of messages, read as bytes, whatever the locale; `-` is standard input."""

    name = "filename"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,  # noqa: ARG002
        ctx: click.Context | None,
    ) -> IO[bytes] | None:
        """Open the file; it is closed when the command ends.

        Args:
            value: Its path.
            param: The option.
            ctx: The command's context.

        Returns:
            The open file; None for standard input.

        Raises:
            ConfigError: It can't be read.
        """
        if value == "-":
            return None
        context = ctx or click.get_current_context()
        try:
            return context.with_resource(Path(str(value)).open("rb"))
        except OSError as error:
            raise ConfigError(f"--input {value}: {error.strerror}") from None


class TargetCustomerly(OneLinePlugin, Target):
    """Applies records to Customerly: upserts, tags, deletes and all else the API lets one write."""

    name = "target-customerly"
    config_jsonschema: ClassVar[dict[str, Any]] = CONFIG_JSONSCHEMA
    examples = (
        "tap-contact-files --config files.json | target-customerly --config config.json",
        "target-customerly --config config.json --input customerly-rejects.jsonl",
    )
    default_sink_class = CustomerlySink
    message_reader_class = LineReader
    capabilities: ClassVar[list[Any]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
        TargetCapabilities.VALIDATE_RECORDS,
    ]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._pipeline: Pipeline | None = None
        self._schemas: dict[str, tuple[dict[str, Any], list[str] | None]] = {}
        self._sinks: dict[str, list[tuple[StreamMap | None, CustomerlySink]]] = {}
        self._full_tables: set[str] = set()
        self._activated: set[str] = set()
        self._ends_with_state = False
        self.settings = Settings.from_config(self.config)
        Rules(self.settings)  # what is wrong in `streams` is said before anything is read
        self._connection = Connection.from_config(
            self.config, user_agent=f"target-customerly/{__version__}"
        )

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # Overridden because the SDK's complaints repeat values, the token's among them.
        self.append_builtin_config(self.config_jsonschema)
        complaints = schema_complaints(self._config, self.config_jsonschema)
        complaints += connection_complaints(self._config, complaints)
        if complaints and raise_errors:
            raise ConfigError("; ".join(complaints))
        return complaints

    @property
    def pipeline(self) -> Pipeline:
        """What applies the records; made when the first message comes."""
        if self._pipeline is None:
            self._pipeline = Pipeline(self.settings, self._connection)
        return self._pipeline

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Make the command.

        Returns:
            The SDK's command, which says in one line what is wrong with an input file.
        """
        command = super().get_singer_command()
        for option in command.params:
            if option.name == "file_input":
                option.type = _InputFile()
        return command

    @classmethod
    def invoke(  # type: ignore[override] # the SDK's own ends with a traceback and drops what waits
        cls,
        *,
        about: bool = False,
        about_format: str | None = None,
        config: _ConfigInput | None = None,
        file_input: IO[str] | None = None,
    ) -> None:
        """Run the target.

        Args:
            about: Print what the target is, and end.
            about_format: How to print it.
            config: Where the configuration is.
            file_input: Where to read instead of standard input.
        """
        super(Target, cls).invoke(about=about, about_format=about_format)
        cls.print_version(print_fn=cls.logger.info)
        target = cls(
            config=config.config if config else None,
            parse_env_config=config.parse_env if config else False,
        )
        target.run(file_input)

    def run(self, file_input: IO[str] | None = None) -> None:
        """Apply all input and say what became of it.

        Args:
            file_input: Where to read instead of standard input.

        Raises:
            CustomerlyError: The run could not go on; what came before is applied where it can be.
            SystemExit: There are more rejects than `max_rejects`, or a signal came.
        """
        if isinstance(self.message_reader, LineReader):
            self.message_reader.pause = self.pipeline.flush
        with Watching(self.pipeline.wake):
            self._run(file_input)

    def _run(self, file_input: IO[str] | None) -> None:
        try:
            self.listen(file_input)
        except USER_CAUSED:
            self._finish(self.pipeline.close)
            raise
        except BaseException:
            self._finish(self.pipeline.abort)
            raise
        self._say_what_became()
        if self.pipeline.has_too_many_rejects:
            sys.exit(1)

    def _finish(self, how: Callable[[], None]) -> None:
        """End after an error that is about to be raised; one on the way says nothing new."""
        try:
            how()
        except CustomerlyError:
            self.pipeline.abort()
        self._say_what_became()

    def _say_what_became(self) -> None:
        for line in self.pipeline.summary():
            if self.logger.isEnabledFor(logging.INFO):
                self.logger.info(line)
            else:  # a quiet LOGLEVEL must not hide what became of the records
                sys.stderr.write(line + "\n")

    # --- messages ------------------------------------------------------------------------------

    def _process_schema_message(self, message_dict: dict[str, Any]) -> None:
        # Overridden because the SDK has one sink for all streams that share an alias: the last
        # one's keys and dates would be everyone's, and a stream that is dropped would need a rule.
        _check_schema_message(message_dict, self._line)
        stream, schema = message_dict["stream"], message_dict["schema"]
        keys = message_dict.get("key_properties")
        if not message_dict.get("bookmark_properties"):
            self._full_tables.add(stream)
        if self._schemas.get(stream) == (schema, keys):
            return
        self._schemas[stream] = (schema, keys)
        self.mapper.register_raw_stream_schema(stream, schema, keys)
        self._sinks[stream] = [
            (None if is_plain(stream_map) else stream_map, self._sink(stream_map, stream, schema))
            for stream_map in self.mapper.stream_maps[stream]
            if not drops_all(stream_map)
        ]
        self.pipeline.remember_dates(stream, dates_of(schema))

    def _sink(self, stream_map: StreamMap, stream: str, schema: dict[str, Any]) -> CustomerlySink:
        return CustomerlySink(
            self,
            stream_map.stream_alias,
            schema_after(stream_map, stream, schema, self.config.get("stream_maps")),
            list(stream_map.transformed_key_properties or ()),
        )

    def _process_record_message(self, message_dict: dict[str, Any]) -> None:
        """Take a record; without a stream map the SDK's copying and parsing is left out."""
        stream, record = message_dict.get("stream"), message_dict.get("record")
        if not isinstance(stream, str) or not isinstance(record, dict):
            raise InvalidInputLine(f"Line {self._line} of the input is a RECORD without a record")
        self._ends_with_state = False
        self._activated.discard(stream)
        origin = Origin(stream, self._line, record)
        if stream not in self._sinks:
            self._introduce(stream, message_dict)
        if "type" not in message_dict and self._must_not_repeat(message_dict):
            self.pipeline.reject(origin, message_dict["operation"], message_dict["reason"])
            return
        too_large = getattr(self.message_reader, "too_large", "")
        for stream_map, sink in self._sinks[stream]:
            if too_large:
                sink.refuse(origin, f"{too_large}: the number is too large")
                continue
            if stream_map is None:
                sink.take(origin, record)
                continue
            try:
                mapped = stream_map.transform(dict(record))
            except Exception as error:  # noqa: BLE001 - whatever an expression meets in a value
                sink.refuse(origin, f"stream_maps: {type(error).__name__}: {error}")
                continue
            if mapped is not None:
                sink.take(origin, mapped)

    def _must_not_repeat(self, message_dict: dict[str, Any]) -> bool:
        """Tell whether a reject that is fed back may have been applied, and none asked for it."""
        unclear = MAY_BE_APPLIED in str(message_dict.get("reason"))
        return unclear and not self.settings.repeat_unclear

    def _introduce(self, stream: str, message_dict: dict[str, Any]) -> None:
        """Take in a stream of which no SCHEMA came: only a reject that is fed back may do that."""
        if "type" in message_dict or "reason" not in message_dict:
            raise RecordsWithoutSchemaException(
                f"Line {self._line} of the input is a RECORD of {stream}, of which no SCHEMA came "
                "before: the tap must send one"
            )
        schema = schema_of_dates(message_dict.get("dates"))
        self._process_schema_message({"stream": stream, "schema": schema, "key_properties": []})

    def _process_state_message(self, message_dict: dict[str, Any]) -> None:
        if "value" not in message_dict:
            raise InvalidInputLine(f"Line {self._line} of the input is a STATE without a value")
        value = message_dict["value"]
        self._ends_with_state = not (isinstance(value, dict) and value.get("currently_syncing"))
        self.pipeline.checkpoint(value)

    def _process_activate_version_message(self, message_dict: dict[str, Any]) -> None:
        """Note that a stream is complete, unless more of it follows: some taps begin with this."""
        self._activated.add(str(message_dict.get("stream")))

    def _process_batch_message(self, message_dict: dict[str, Any]) -> None:
        raise InvalidInputLine(
            f"Line {self._line} of the input is a BATCH of {message_dict.get('stream')}, which "
            "this target does not read: let the tap send RECORD messages"
        )

    def process_endofpipe(self) -> None:
        """Apply what still waits, pass on the last STATE, and see that there was something."""
        # Without a STATE at its end the input may have been cut off.
        for stream in self._activated | (self._full_tables if self._ends_with_state else set()):
            self.pipeline.mirror(stream)
        self.pipeline.close()
        self.pipeline.check_sources()

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:
        # What the SDK would raise here can be swallowed, or leave things half done.
        note(signum, frame)

    @property
    def _line(self) -> int:
        return getattr(self.message_reader, "line", 0)


def _check_schema_message(message: dict[str, Any], line: int) -> None:
    """See to it that the SDK can read a SCHEMA, whose own complaints end in a traceback."""
    schema, keys = message.get("schema"), message.get("key_properties")
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(message.get("stream"), str) or not isinstance(properties, dict):
        problem = "without a stream's name, or without properties"
    elif not isinstance(keys or [], list) or not all(isinstance(key, str) for key in keys or []):
        problem = "whose key_properties are no list of names"
    elif not all(isinstance(definition, dict) for definition in properties.values()):
        problem = "with a property that is no object"
    else:
        return
    raise InvalidInputLine(f"Line {line} of the input is a SCHEMA {problem}")
