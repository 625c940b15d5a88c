"""tap-customerly: Customerly's contacts and all else that its API lists, as a Singer tap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from customerly.errors import ConfigError
from customerly.values import Unreadable
from singer_sdk.helpers.capabilities import PluginCapabilities, TapCapabilities
from singer_sdk.singerlib import Schema

from tap_customerly import settings
from tap_customerly.base import CustomerlyTap
from tap_customerly.command import TapCommand, check_state
from tap_customerly.records.attributes import sampled_types
from tap_customerly.stream_maps import in_one_line
from tap_customerly.streams import LOCAL_STREAMS, STREAMS, ContactStream, CustomStream
from tap_customerly.termination import end_by

if TYPE_CHECKING:
    from types import FrameType

    from tap_customerly.streams import CustomerlyStream

_ALL_STREAMS: dict[str, type[CustomerlyStream]] = {
    **STREAMS,
    **{name: stream for name, (_, stream) in LOCAL_STREAMS.items()},
}


class TapCustomerly(CustomerlyTap):
    """Reads users, leads, tags and all else that Customerly's API lists, without skipping."""

    name = "tap-customerly"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.CONFIG_JSONSCHEMA
    command_class = TapCommand
    examples = (
        "tap-customerly --config config.json --discover > catalog.json",
        "tap-customerly --config config.json --state state.json | target-jsonl",
    )
    capabilities: ClassVar[list[Any]] = [
        TapCapabilities.CATALOG,
        TapCapabilities.STATE,
        TapCapabilities.DISCOVER,
        TapCapabilities.ACTIVATE_VERSION,
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    def discover_streams(self) -> list[CustomerlyStream]:
        """Make the streams that this configuration turns on.

        Returns:
            The streams.
        """
        streams = [stream(self, name=name) for name, stream in STREAMS.items()]
        if self.config.get("discover_attributes") and self.input_catalog is None:
            types = sampled_types(self.api)
            for stream in streams:
                if isinstance(stream, ContactStream):
                    stream.declare(types)
        for name, (setting, local) in LOCAL_STREAMS.items():
            if self.config.get(setting):
                streams.append(local(self, name=name))
        custom = self.config.get("custom_streams") or ()
        return [*streams, *(CustomStream(self, endpoint) for endpoint in custom)]

    def load_state(self, state: dict[str, Any]) -> None:
        """Take over the state of an earlier run.

        Args:
            state: As an earlier run emitted it, or a person wrote it.

        Raises:
            ConfigError: It is not of the SDK's form, or a bookmark is no date-time.
        """
        check_state(state)
        if not self.project.takes(state):
            state = {}
        self.project.mark(state.get("project"))
        for name, bookmark in state.get("bookmarks", {}).items():
            stream, value = _ALL_STREAMS.get(name), bookmark.get("replication_key_value")
            if stream and value:
                try:
                    bookmark["replication_key_value"] = stream.read_bookmark(value)
                except Unreadable:
                    where = f"bookmarks.{name}.replication_key_value"
                    raise ConfigError(f"state: {where} is no bookmark of {name}") from None
        super().load_state(state)
        if self.config.get("discover_attributes"):
            self._join_attributes()

    def _join_attributes(self) -> None:
        """Declare what earlier runs declared as well, in the catalog and all that follows it."""
        for stream in self.streams.values():
            entry = self.catalog.get_stream(stream.name)
            if entry and isinstance(stream, ContactStream) and (schema := stream.join_attributes()):
                entry.schema = Schema.from_dict(schema)
        self.setup_mapper()

    def setup_mapper(self) -> None:
        """Register the streams' maps, with all fields also where a stream is not selected.

        The SDK would take every field off such a stream, which `--test` then reads all the same.
        """
        super().setup_mapper()
        for entry in self.catalog.streams:
            if not entry.metadata.resolve_selection().get((), True):
                name = entry.stream or entry.tap_stream_id
                fields = entry.schema.to_dict()
                self.mapper.register_raw_stream_schema(name, fields, entry.key_properties)
        for stream_maps in self.mapper.stream_maps.values():
            in_one_line(stream_maps)

    # --- settings --------------------------------------------------------------------------------

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:
        # Overridden because the SDK's complaints repeat values, the token's among them.
        self.append_builtin_config(self.config_jsonschema)
        settings.check(
            self._config,
            self.config_jsonschema,
            _ALL_STREAMS,
            offline=not raise_errors and not self._config.get("discover_attributes"),
        )
        return []

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # Overridden because the SDK exits with 0, and writes a STATE into a line that is half out.
        end_by(signum, f"Stopped by signal {signum}; what was read so far is in the state")
