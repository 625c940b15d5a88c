"""A plug-in's configuration: read from files and variables, checked, complained of in one line."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from dotenv import dotenv_values
from singer_sdk.plugin_base import JSONSchemaValidator

from customerly.connection import Connection
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class _Violation(Protocol):
    """What jsonschema's `ValidationError` says, without the values that it leaves unset."""

    path: Iterable[str | int]
    instance: Any
    schema: Mapping[str, Any]
    validator: str
    validator_value: Any


_SHARED_VARIABLES = {
    "access_token": "CUSTOMERLY_ACCESS_TOKEN",
    "api_url": "CUSTOMERLY_API_URL",
}
"""What stands for a setting that is not given: tap, target and command line read these."""


def read_object(path: str, name: str) -> dict[str, Any]:
    """Read a JSON object from a file; a byte order mark at its beginning is passed over.

    Args:
        path: The file.
        name: What the file is for, as `--config`.

    Returns:
        The object.

    Raises:
        ConfigError: There is no such file, or it holds something else.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8-sig"))
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


def read_environment(properties: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Read settings from environment variables, and from `.env` in the working folder.

    Args:
        properties: Each setting's JSON schema.
        prefix: What the variables' names begin with, as `TAP_CUSTOMERLY_`.

    Returns:
        The settings that have a variable; an empty one counts as not set. What is in the
        environment wins over the file.

    Raises:
        ConfigError: A variable can't be read as what its setting takes.
    """
    variables = {**dotenv_values(".env", encoding="utf-8-sig"), **os.environ}
    config = {}
    for name, schema in properties.items():
        variable = prefix + name.upper().replace("-", "_")
        if text := (variables.get(variable) or "").strip():
            try:
                config[name] = _read_text(text, schema)
            except ValueError:
                raise ConfigError(f"{variable} can't be read as what {name} takes") from None
    return config


def schema_complaints(config: dict[str, Any], schema: Mapping[str, Any]) -> list[str]:
    """Hold a configuration against its JSON schema, and fill in the defaults.

    Args:
        config: The configuration. What came as text, as Meltano hands on a variable, is read; an
            empty text counts as not given.
        schema: The settings' JSON schema.

    Returns:
        A complaint for each setting that is wrong; none repeats a value, which can be secret.
    """
    _read_texts(config, schema["properties"])
    worded = [_worded(error) for error in JSONSchemaValidator(schema).iter_errors(config)]
    return [complaint for complaint in worded if complaint]


def unknown_settings(config: Iterable[str], known: Iterable[str]) -> list[str]:
    """Say which settings nobody reads: a guard with a typo in its name guards nothing.

    Args:
        config: The names of the settings that are given.
        known: The names of all that there are.

    Returns:
        A line each.
    """
    names = sorted(known)
    guesses = {name: get_close_matches(name, names, n=1) for name in config if name not in names}
    return [
        f"{name} is no setting, and is passed over" + "".join(f"; is it {guess}?" for guess in near)
        for name, near in guesses.items()
    ]


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


def _read_texts(config: dict[str, Any], properties: Mapping[str, Any]) -> None:
    for name in properties.keys() & config.keys():
        text = config[name]
        if isinstance(text, str):
            with suppress(ValueError):  # the schema complains of what can't be read
                config[name] = _read_text(text, properties[name]) if text.strip() else None
    for name, variable in _SHARED_VARIABLES.items():
        if name in properties and config.get(name) is None and os.environ.get(variable):
            config[name] = os.environ[variable]
    for name in [name for name, value in config.items() if value is None]:
        del config[name]


def _read_text(text: str, schema: Mapping[str, Any]) -> object:
    """Read a setting's value from text, by the first of its types that has a reader."""
    types = schema.get("type", "string")
    types = [types] if isinstance(types, str) else types
    if "string" in types:
        return text
    return next((_READERS[kind](text) for kind in types if kind in _READERS), text)


def _read_boolean(text: str) -> bool:
    try:
        return _BOOLEANS[text.strip().lower()]
    except KeyError:
        raise ValueError from None


def _worded(error: _Violation) -> str:
    """Word a complaint of the schema without the value, which can be personal or secret."""
    path = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in error.path)
    where = path.lstrip(".") or "config"
    if error.validator == "required" and where == "config":
        return ""  # the token, of which the connection says more
    says = _WORDS.get(error.validator)
    return f"{where}: {says(error) if says else f'is not valid ({error.validator})'}"


def _listed(values: Iterable[object]) -> str:
    return ", ".join(str(value) for value in values)


def _types(error: _Violation) -> str:
    types = error.validator_value
    named = [types] if isinstance(types, str) else [kind for kind in types if kind != "null"]
    return "must be " + " or ".join(_TYPES.get(kind, kind) for kind in named)


def _unknown(error: _Violation) -> str:
    known = error.schema.get("properties", {})
    unknown = error.instance.keys() - known.keys()
    return f"{_listed(unknown)} is not known here, but {_listed(known)} can be given"


_BOOLEANS = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
_READERS: dict[str, Callable[[str], object]] = {
    "integer": int,
    "number": float,
    "boolean": _read_boolean,
    "object": json.loads,
    "array": json.loads,
}
_TYPES = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
}
_WORDS: dict[str, Callable[[_Violation], str]] = {
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
