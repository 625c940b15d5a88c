"""The command and the plug-in that tap and target build on: each user error is one line."""

from __future__ import annotations

import gc
import logging
import os
import sys
import warnings
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from singer_sdk.exceptions import (
    ConfigValidationError,
    ConformedNameClashException,
    DiscoveryError,
    InvalidJSONSchema,
    InvalidRecord,
    InvalidReplicationKeyException,
    MapExpressionError,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
    StreamMapConfigError,
)
from singer_sdk.helpers._classproperty import classproperty
from singer_sdk.helpers._compat import SingerSDKPythonEOLWarning
from singer_sdk.plugin_base import PluginBase, SingerCommand, _ConfigInput
from singer_sdk.singerlib.exceptions import InvalidInputLine

from customerly.errors import CustomerlyError
from customerly.singer.config import read_environment, read_object, unknown_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

USER_CAUSED = (
    CustomerlyError,
    ConfigValidationError,
    ConformedNameClashException,
    DiscoveryError,
    InvalidInputLine,
    InvalidJSONSchema,
    InvalidRecord,
    InvalidReplicationKeyException,
    MapExpressionError,
    MissingKeyPropertiesError,
    RecordsWithoutSchemaException,
    StreamMapConfigError,
)
"""What a user can cause, by settings or input: it ends in one line, without a traceback."""

_SWITCH_INTERVAL = 0.001  # seconds; Python's own is five times as long

_STEPS = (
    *("Skipping parse of env var settings", "Skipping deselected stream", "Beginning sync of"),
    *("Added '%s' as child stream", "METRIC: "),
)
"""What the SDK says at each step; our own line a stream says what came of it."""


def _is_news(record: logging.LogRecord) -> bool:
    return record.levelno > logging.INFO or not str(record.msg).startswith(_STEPS)


class OneLineCommand(SingerCommand):
    """A Singer command that shows a known error as one line, wherever in the run it comes up."""

    @classmethod
    def of(
        cls, command: click.Command, *, examples: Sequence[str] = (), **kwargs: Any
    ) -> OneLineCommand:
        """Take over the SDK's command.

        Args:
            command: As the SDK made it.
            examples: Lines for the end of its help.
            kwargs: Further arguments of `SingerCommand`.

        Returns:
            The same command.
        """
        return cls(
            name=command.name,
            callback=command.callback,
            params=command.params,
            help=command.help,
            epilog="\n  ".join(["\b\nExamples:", *examples]) if examples else None,
            context_settings=command.context_settings,
            **kwargs,
        )

    def invoke(self, ctx: click.Context) -> object:
        """Run the command's own function.

        Args:
            ctx: The command's context.

        Returns:
            What it returns.
        """
        # What is loaded by now stays, and pages of records die without the collector's help.
        gc.freeze()
        gc.set_threshold(50_000)
        # A thread whose answer has come waits no longer for one that computes.
        sys.setswitchinterval(_SWITCH_INTERVAL)
        return super().invoke(ctx)

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Run the command and end the process.

        Args:
            args: Of `click.Command.main`.
            kwargs: Of `click.Command.main`.
        """
        # On a Python past its end of life it would stand beside the one line that matters.
        warnings.filterwarnings("ignore", category=SingerSDKPythonEOLWarning)
        for handler in logging.getLogger().handlers:
            if not logging.getLogger().isEnabledFor(logging.DEBUG):
                handler.addFilter(_is_news)
        status = 0
        try:
            super().main(*args, **kwargs)
        except USER_CAUSED as error:
            self.logger.error("%s", " ".join(str(error).split()))
            forget_output()
            status = 1
        sys.exit(status)


class OneLinePlugin(PluginBase):
    """A Singer plug-in whose complaints are one line each and never repeat a value.

    Attributes:
        command_class: What its command is.
        examples: Lines that show how it is used, for its help.
    """

    command_class: ClassVar[type[OneLineCommand]] = OneLineCommand
    examples: ClassVar[tuple[str, ...]] = ()

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805
        # Overridden to name the variable that can't be read, and to pass over an empty one.
        cls.append_builtin_config(cls.config_jsonschema)
        return read_environment(cls.config_jsonschema["properties"], cls._env_var_prefix)

    @classmethod
    def cb_config(
        cls,
        ctx: click.Context,  # noqa: ARG003
        param: click.Option,  # noqa: ARG003
        value: tuple[str, ...],
    ) -> _ConfigInput:
        """Read the configuration files.

        Args:
            ctx: The command's context.
            param: The option.
            value: Paths, or `ENV`.

        Returns:
            What they hold.

        Raises:
            ConfigError: A file is not there, or no JSON object.
        """
        # Overridden because the SDK ends in a traceback where a file is not as it should be.
        files = (read_object(path, "--config") for path in value if path != "ENV")
        config = {name: setting for file in files for name, setting in file.items()}
        cls.append_builtin_config(cls.config_jsonschema)
        for line in unknown_settings(config, cls.config_jsonschema["properties"]):
            cls.logger.warning("%s", line)
        return _ConfigInput(config=config, parse_env="ENV" in value)

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Make the command.

        Returns:
            The SDK's command, which shows a known error as one line.
        """
        command = super().get_singer_command()
        return cls.command_class.of(command, examples=cls.examples, logger=cls.logger)


def forget_output() -> None:
    """Keep Python from complaining, at its end, of what it can't write to a closed pipe."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ValueError:
        pass  # standard output is closed already
