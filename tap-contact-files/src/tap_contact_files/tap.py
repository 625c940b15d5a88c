"""tap-contact-files: contact files as people have them, as a Singer tap."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from customerly.singer import OneLinePlugin
from customerly.singer.messages import Output
from singer_sdk import Tap
from singer_sdk.helpers.capabilities import PluginCapabilities

from tap_contact_files import settings
from tap_contact_files.bad_rows import BadRows
from tap_contact_files.contact_file import ContactFile
from tap_contact_files.source import in_words
from tap_contact_files.stream import ContactFiles

if TYPE_CHECKING:
    from types import FrameType


class TapContactFiles(OneLinePlugin, Tap):
    """Reads CSV files and their kin in any encoding, XLSX, XLS and ODS."""

    name = "tap-contact-files"
    config_jsonschema: ClassVar[dict[str, Any]] = settings.CONFIG_JSONSCHEMA
    message_writer_class = Output
    examples = (
        """echo '{"files": [{"path": "leads.csv"}]}' > config.json""",
        "tap-contact-files --config config.json | target-customerly --config target.json",
    )
    # No catalog, though --discover prints one: the next file can have other columns.
    capabilities: ClassVar[list[Any]] = [
        PluginCapabilities.ABOUT,
        PluginCapabilities.STREAM_MAPS,
        PluginCapabilities.FLATTENING,
        PluginCapabilities.STRUCTURED_LOGGING,
    ]

    @property
    def output(self) -> Output:
        """Where messages go."""
        return self.message_writer  # type: ignore[return-value]

    @cached_property
    def bad_rows(self) -> BadRows:
        """Where rows are kept that can't be read."""
        return BadRows(Path(self.config["bad_rows_path"]))

    def discover_streams(self) -> list[ContactFiles]:
        """Open the files: what is wrong with one is said before anything of any is sent.

        Returns:
            A stream for each name that the settings give.

        Raises:
            FileError: A file can't be read.
        """
        streams: dict[str, list[ContactFile]] = {}
        for path, stream, options in settings.files_of(self.config):
            file = ContactFile(path, options)
            if self.config["on_bad_row"] == "fail":
                file.refuse_bad_rows()
            self.logger.info("%s: read as %s", path, in_words(file.source))
            for warning in file.warnings:
                self.logger.warning("%s: %s", path, warning)
            streams.setdefault(stream, []).append(file)
        bad = sum(file.counts.bad for files in streams.values() for file in files)
        return [
            ContactFiles(self, name, files, self.bad_rows, self.output, is_complete=not bad)
            for name, files in streams.items()
        ]

    def _validate_config(self, *, raise_errors: bool = True) -> list[str]:  # noqa: ARG002
        # Overridden because the SDK's complaints are several lines, and repeat values.
        self.append_builtin_config(self.config_jsonschema)
        settings.check(self._config, self.config_jsonschema)
        return []

    def _handle_termination(self, signum: int, frame: FrameType | None) -> None:  # noqa: ARG002
        # Overridden because the SDK exits with 0, as if all had been read.
        self.logger.warning("Stopped by signal %d", signum)
        raise SystemExit(128 + signum)
