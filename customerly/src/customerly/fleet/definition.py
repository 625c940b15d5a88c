"""`fleet.yml`: which projects there are, where each one's token is, and where its rows go."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from customerly.connection import read_token
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULTS: Mapping[str, Any] = {
    "schema": "customerly_{name}",
    "streams": ["users", "leads", "tags"],
    "schedule": "5 * * * *",
    "api_url": "",
}
"""What holds where neither a project nor the file's own `defaults` say otherwise."""

_TOKEN = ("token_env", "token_file")
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_STREAM = re.compile(r"\w+(\.\S+)?", re.ASCII)
_CRON_FIELDS = 5
_SCHEMA_BYTES = 63  # PostgreSQL cuts a longer name off, and two can become one


@dataclass(frozen=True)
class FleetProject:
    """A Customerly project.

    Args:
        name: Letters, digits, `_` and `-`.
        token_env: The variable that holds its token; empty where a file does.
        token_file: The file that holds its token; None where a variable does.
        api_url: Where its API is; empty: as Meltano is set.
        schema: The warehouse's schema that its rows go to.
        streams: What is read, as patterns of Meltano's `select`: `users`, or `users.email`.
        schedule: When it should run, as cron's five fields.
    """

    name: str
    token_env: str
    token_file: Path | None
    api_url: str
    schema: str
    streams: tuple[str, ...]
    schedule: str

    def token(self, environ: Mapping[str, str]) -> str:
        """Look the token up.

        Args:
            environ: Environment variables.

        Returns:
            The token.

        Raises:
            ConfigError: It is not where it should be.
        """
        if self.token_file is not None:
            return read_token(self.token_file)
        token = environ.get(self.token_env, "").strip()
        if not token:
            raise ConfigError(f"{self.token_env} is not set: it must hold the token of {self.name}")
        return token


def read_fleet(file: Path) -> dict[str, FleetProject]:
    """Read the projects of a `fleet.yml`.

    Args:
        file: The file.

    Returns:
        Each project by its name, in the order of the file.

    Raises:
        ConfigError: The file is not there, or something in it is wrong.
    """
    try:
        declared = yaml.load(file.read_text(encoding="utf-8-sig"), _Loader)  # noqa: S506
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise ConfigError(f"{file} cannot be read: {why}") from error
    except yaml.YAMLError as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
        where = f", line {mark.line + 1}" if mark else ""
        raise ConfigError(f"{file}{where}: {problem or 'is no YAML'}") from error
    try:
        return _projects(declared, file.parent)
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None


class _Loader(yaml.BaseLoader):
    """Reads every value as text (a project may be called `007` or `no`), and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                mark = node.start_mark
                raise yaml.constructor.ConstructorError(None, mark, f"{key} is given twice", mark)
        return super().construct_mapping(node, deep)


def _projects(declared: object, folder: Path) -> dict[str, FleetProject]:
    top = _object("the file", declared, ("defaults", "projects"))
    defaults = {**DEFAULTS, **_object("defaults", top.get("defaults") or {}, DEFAULTS)}
    listed = _object("projects", top.get("projects") or {})
    if not listed:
        raise ConfigError("projects names none, as acme: {token_env: ACME_TOKEN}")
    projects = {name: _project(name, own, defaults, folder) for name, own in listed.items()}
    # A file system that knows no capitals would let two projects share one folder.
    _differ("names", ((name.lower(), name) for name in projects))
    _differ("schemas", ((each.schema.lower(), name) for name, each in projects.items()))
    return projects


def _project(
    name: str, declared: object, defaults: Mapping[str, Any], folder: Path
) -> FleetProject:
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is no name of a project: letters, digits, _ and - alone")
    own = _object(name, declared, (*_TOKEN, *DEFAULTS))
    if sum(bool(own.get(key)) for key in _TOKEN) != 1:
        raise ConfigError(f"{name} needs either token_env or token_file")
    settings = {**defaults, **own}
    streams = settings["streams"]
    if not isinstance(streams, list) or not streams or not all(map(_is_stream, streams)):
        raise ConfigError(f"streams of {name} must be a list of names, as [users, leads]")
    for key in set(settings) - {"streams"}:
        if not isinstance(settings[key], str):
            raise ConfigError(f"{key} of {name} must be a text")
    schema = settings["schema"].replace("{name}", name)
    if not schema or len(schema.encode()) > _SCHEMA_BYTES:
        raise ConfigError(f"schema of {name} must be a name of at most {_SCHEMA_BYTES} bytes")
    if len(settings["schedule"].split()) != _CRON_FIELDS:
        raise ConfigError(f"schedule of {name} must have cron's five fields, as 5 * * * *")
    file = own.get("token_file")
    return FleetProject(
        name,
        own.get("token_env", ""),
        folder / Path(file).expanduser() if file else None,
        settings["api_url"],
        schema,
        tuple(streams),
        settings["schedule"],
    )


def _object(where: str, value: object, known: Iterable[str] = ()) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} must be an object, as {{name: value}}")
    for key in value if known else ():
        if "token" in key and key not in known:
            raise ConfigError(f"{key} of {where}: a token never stands here, see {_listed(_TOKEN)}")
        if key not in known:
            raise ConfigError(f"{where} knows no {key}, but {_listed(known)}")
    return value


def _is_stream(name: object) -> bool:
    return isinstance(name, str) and bool(_STREAM.fullmatch(name))


def _differ(what: str, named: Iterable[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for value, name in named:
        if value in seen:
            raise ConfigError(f"the {what} of {seen[value]} and {name} are the same: {value}")
        seen[value] = name


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
