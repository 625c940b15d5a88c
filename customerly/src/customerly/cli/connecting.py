"""How a command reaches the API: the token and the URL, never on the command line itself."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from customerly import DEFAULT_API_URL
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from customerly.connection import Connection

    Command = TypeVar("Command", bound=Callable[..., Any])

_KEPT = "customerly.connection"
_ENV_FILE = ".env"
_ATTEMPTS = "4"  # somebody waits at the terminal: give up sooner than a pipeline does


def _keep(context: click.Context, option: click.Parameter, value: str | None) -> None:
    """Remember the option: before the command's name or behind it, where it wins."""
    if value is not None:
        context.meta.setdefault(_KEPT, {})[option.name] = value


def connection_options(command: Command) -> Command:
    """Add the two options that say which project a command is for.

    Args:
        command: The function to be made a command.

    Returns:
        The same function; it gets no further arguments.
    """
    url = click.option(
        "--api-url",
        metavar="URL",
        expose_value=False,
        callback=_keep,
        help=f"Where the API is.  [default: CUSTOMERLY_API_URL, else {DEFAULT_API_URL}]",
    )
    token = click.option(
        "--access-token-file",
        metavar="FILE",
        expose_value=False,
        callback=_keep,
        help="File that holds the API token.  [default: CUSTOMERLY_ACCESS_TOKEN's value]",
    )
    return token(url(command))


def with_api(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the API as its first argument.

    Args:
        function: Takes the API and the command's own options.

    Returns:
        A function that click can make a command of.
    """

    @connection_options
    @functools.wraps(function)
    def command(**options: Any) -> None:
        connection = given_connection()

        from customerly.api import Api
        from customerly.client import Client

        with Client(connection) as client:
            function(Api(client), **options)

    return command


def given_connection() -> Connection:
    """Put together how the command in hand reaches the API.

    Returns:
        The checked settings.

    Raises:
        ConfigError: There is no token, or a setting cannot be used.
    """
    return connection_of(given_options(), environment())


def environment() -> dict[str, str]:
    """Return the variables, and what `.env` in the working folder has besides them.

    Returns:
        Name to value; an empty variable counts as not set.

    Raises:
        ConfigError: There is such a file, and it cannot be read.
    """
    variables = {name: value for name, value in os.environ.items() if value}
    if not Path(_ENV_FILE).is_file():
        return variables

    from dotenv import dotenv_values

    try:
        file = dotenv_values(_ENV_FILE, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise ConfigError(f"The file {_ENV_FILE} cannot be read: {why}") from error
    found = {
        name: value
        for name, value in file.items()
        if value and name.startswith("CUSTOMERLY_") and name not in variables
    }
    if found and sys.stderr is not None and sys.stderr.isatty():
        click.echo(f"{', '.join(found)}: from {_ENV_FILE}", err=True)
    return {**found, **variables}


def given_options() -> Mapping[str, str]:
    """Return what the command in hand was given of the connection's options.

    Returns:
        `access_token_file` and `api_url`, where they were given.
    """
    given: Mapping[str, str] = click.get_current_context().meta.get(_KEPT, {})
    return given


def config_of(options: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, str | None]:
    """Put the connection's settings together, as yet unchecked.

    Args:
        options: `access_token_file` and `api_url`, where they were given; they win.
        environment: `CUSTOMERLY_ACCESS_TOKEN`, `CUSTOMERLY_API_URL`, and so on for each of the
            settings that the connectors share.

    Returns:
        Setting to value; None where there is none.

    Raises:
        ConfigError: The token's file cannot be used.
    """
    from customerly.settings import CONNECTION_SETTINGS

    config = {
        setting.name: environment.get(f"CUSTOMERLY_{setting.name.upper()}") or None
        for setting in CONNECTION_SETTINGS
    }
    config["max_attempts"] = config["max_attempts"] or _ATTEMPTS
    if "api_url" in options:
        config["api_url"] = options["api_url"]
    if "access_token_file" in options:
        from customerly.connection import read_token

        config["access_token"] = read_token(Path(options["access_token_file"]))
    return config


def connection_of(options: Mapping[str, str], environment: Mapping[str, str]) -> Connection:
    """Put the connection's settings together and check them.

    Args:
        options: As for `config_of`.
        environment: As for `config_of`.

    Returns:
        The checked settings.

    Raises:
        ConfigError: There is no token, or a setting cannot be used.
    """
    config = config_of(options, environment)
    if not config["access_token"]:
        raise ConfigError(
            "There is no access token: set CUSTOMERLY_ACCESS_TOKEN or give --access-token-file "
            "(the token is under Project Settings > Installation > Public API)"
        )
    from customerly import __version__
    from customerly.connection import Connection

    return Connection.from_config(config, user_agent=f"customerly/{__version__}")
