"""What the tap and the target share as Singer plug-ins: one clear line for each complaint.

It needs singer-sdk, which both connectors bring along; nothing else of this package imports it.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.configuration._dict_config import parse_environment_config
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
from singer_sdk.plugin_base import JSONSchemaValidator, PluginBase, SingerCommand
from singer_sdk.singerlib.exceptions import InvalidInputLine

from customerly.errors import ConfigError, CustomerlyError
from customerly.settings import Connection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import click
    from singer_sdk.plugin_base import _ConfigInput

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


class OneLineCommand(SingerCommand):
    """A Singer command that shows a known error as one line, wherever in the run it comes up."""

    @classmethod
    def of(cls, command: click.Command, **kwargs: Any) -> OneLineCommand:  # noqa: ANN401
        """Take over the SDK's command.

        Args:
            command: As the SDK made it.
            kwargs: Further arguments of `SingerCommand`.

        Returns:
            The same command.
        """
        return cls(
            name=command.name,
            callback=command.callback,
            params=command.params,
            help=command.help,
            context_settings=command.context_settings,
            **kwargs,
        )

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401
        """Run the command's own function.

        Args:
            ctx: The command's context.

        Returns:
            What it returns.
        """
        # What is loaded by now stays, and pages of records die without the collector's help.
        gc.freeze()
        gc.set_threshold(50_000)
        return super().invoke(ctx)

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Run the command.

        Args:
            args: Of `click.Command.main`.
            kwargs: Of `click.Command.main`.

        Returns:
            What the command returns.
        """
        # On a Python past its end of life it would stand beside the one line that matters.
        warnings.filterwarnings("ignore", category=SingerSDKPythonEOLWarning)
        try:
            return super().main(*args, **kwargs)
        except USER_CAUSED as error:
            self.logger.error("%s", " ".join(str(error).split()))
        forget_output()
        sys.exit(1)


class OneLinePlugin(PluginBase):
    """A Singer plug-in whose complaints are one line each and never repeat a value.

    Attributes:
        command_class: What its command is.
    """

    command_class: ClassVar[type[OneLineCommand]] = OneLineCommand

    @classproperty
    def _env_var_config(cls) -> dict[str, Any]:  # noqa: N805
        # Overridden to name the variable that can't be read.
        cls.append_builtin_config(cls.config_jsonschema)
        config: dict[str, Any] = {}
        for name, schema in cls.config_jsonschema["properties"].items():
            try:
                config |= parse_environment_config(
                    {"properties": {name: schema}}, cls._env_var_prefix
                )
            except ValueError:
                variable = f"{cls._env_var_prefix}{name.upper()}"
                raise ConfigError(f"{variable} can't be read as what {name} takes") from None
        return config

    @classmethod
    def cb_config(
        cls, ctx: click.Context, param: click.Option, value: tuple[str, ...]
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
        for path in value:
            if path != "ENV":
                read_object(path, "--config")
        return super().cb_config(ctx, param, value)

    @classmethod
    def get_singer_command(cls) -> click.Command:
        """Make the command.

        Returns:
            The SDK's command, which shows a known error as one line.
        """
        return cls.command_class.of(super().get_singer_command(), logger=cls.logger)


def read_object(path: str, name: str) -> dict[str, Any]:
    """Read a JSON object from a file.

    Args:
        path: The file.
        name: What the file is for, as `--config`.

    Returns:
        The object.

    Raises:
        ConfigError: There is no such file, or it holds something else.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{name} {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{name} {path} is not a text file in UTF-8") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ConfigError(f"{name} {path} is not valid JSON ({where}: {error.msg})") from None
    if not isinstance(content, dict):
        raise ConfigError(f"{name} {path} must hold a JSON object")
    return content


def forget_output() -> None:
    """Keep Python from complaining, at its end, of what it can't write to a closed pipe."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except ValueError:
        pass  # standard output is closed already


def schema_complaints(config: dict[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Hold a configuration against its JSON schema, and fill in the defaults.

    Args:
        config: The configuration; numbers that came as text from the environment are converted.
        schema: The settings' JSON schema.

    Returns:
        A complaint for each setting that is wrong; none repeats a value, which can be secret.
    """
    _read_numbers(config, schema)
    worded = [_worded(error) for error in JSONSchemaValidator(schema).iter_errors(config)]
    return [complaint for complaint in worded if complaint]


def connection_complaints(config: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    """Complain of settings of the connection that no schema can tell.

    Args:
        config: The configuration.
        known: Complaints that were made already.

    Returns:
        At most one complaint, about a setting that none of the known ones is about.
    """
    try:
        Connection.from_config(config, user_agent="customerly")
    except ConfigError as error:
        setting = str(error).split(" ")[0].rstrip(":")
        return [] if any(setting in complaint for complaint in known) else [str(error)]
    return []


def _read_numbers(config: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Convert numbers, which the SDK takes from the environment as text."""
    for name, setting in schema["properties"].items():
        value = config.get(name)
        if isinstance(value, str) and "number" in setting.get("type", ()):
            with suppress(ValueError):  # the schema complains of what is no number
                config[name] = float(value)


def _worded(error: Any) -> str:  # noqa: ANN401
    """Word a complaint of the schema without the value, which can be personal or secret."""
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in error.path)
    where = path.lstrip(".") or "config"
    if error.validator == "required" and where == "config":
        return ""  # the token, of which the connection says more
    says = _WORDS.get(str(error.validator))
    return f"{where}: {says(error) if says else f'is not valid ({error.validator})'}"


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _types(error: Any) -> str:  # noqa: ANN401
    types = error.validator_value
    named = [types] if isinstance(types, str) else [kind for kind in types if kind != "null"]
    return "must be " + " or ".join(_TYPES.get(kind, kind) for kind in named)


def _unknown(error: Any) -> str:  # noqa: ANN401
    known = error.schema.get("properties", {})
    unknown = error.instance.keys() - known.keys()
    return f"{_listed(unknown)} is not known here, but {_listed(known)} can be given"


_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}
_WORDS: dict[str, Callable[[Any], str]] = {
    "type": _types,
    "minimum": lambda error: f"must be at least {error.validator_value}",
    "maximum": lambda error: f"must be at most {error.validator_value}",
    "exclusiveMinimum": lambda error: f"must be above {error.validator_value}",
    "enum": lambda error: f"must be one of {_listed(error.validator_value)}",
    "minLength": lambda _: "must not be empty",
    "pattern": lambda _: "must be letters, digits, _ and -, and not begin with a digit",
    "minProperties": lambda error: f"needs one of {_listed(error.schema['properties'])}",
    "maxProperties": lambda error: f"takes only one of {_listed(error.schema['properties'])}",
    "required": lambda error: f"needs {_listed(set(error.validator_value) - set(error.instance))}",
    "additionalProperties": _unknown,
}
