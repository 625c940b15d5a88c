"""The project itself: `meltano.yml`, the settings of its plugins, and where those are installed."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import yaml
from dotenv import dotenv_values

from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Object = Mapping[str, object]

KINDS = ("extractors", "loaders", "utilities")
_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True)
class Plugin:
    """A plugin that the project declares.

    Args:
        kind: One of `KINDS`.
        name: As `tap-customerly`.
        declared: Its entry in `meltano.yml`.
    """

    kind: str
    name: str
    declared: Object

    @property
    def parent(self) -> str | None:
        """The plugin that it inherits from, whose installation it shares."""
        parent = self.declared.get("inherit_from")
        return str(parent) if parent else None

    @property
    def executable(self) -> str:
        """The command that runs it."""
        return str(self.declared.get("executable") or self.name)


@dataclass(frozen=True)
class MeltanoProject:
    """A folder with a `meltano.yml`.

    Args:
        folder: Where that is.
        declared: What it holds.
        environ: Environment variables, those of the project's `.env` included.
    """

    folder: Path
    declared: Object
    environ: Mapping[str, str] = field(repr=False)

    @property
    def environment(self) -> str:
        """The Meltano environment that a run would be in; empty where there is none."""
        chosen = self.environ.get("MELTANO_ENVIRONMENT") or self.declared.get("default_environment")
        return str(chosen or "")

    @property
    def jobs(self) -> dict[str, list[str]]:
        """The tasks of every job that is declared, as `tap-customerly target-postgres`."""
        jobs = {}
        for each in _objects(self.declared, "jobs"):
            tasks = each.get("tasks")
            jobs[str(each.get("name"))] = (
                [" ".join(task) if isinstance(task, list) else str(task) for task in tasks]
                if isinstance(tasks, list)
                else [str(tasks)]
            )
        return jobs

    @property
    def plugins(self) -> list[Plugin]:
        """Every plugin that is declared."""
        return list(self._plugins(_object(self.declared, "plugins")))

    @property
    def database(self) -> Path | None:
        """The SQLite file that holds runs and states; None where it is another database."""
        address = self.environ.get("MELTANO_DATABASE_URI") or self.declared.get("database_uri")
        if not address:
            return self.folder / ".meltano" / "meltano.db"
        scheme, _, path = self._expanded(str(address)).partition(":///")
        return Path(unquote(path.partition("?")[0])) if scheme.startswith("sqlite") else None

    def plugin(self, name: str) -> Plugin | None:
        """Find a plugin by its name.

        Args:
            name: As `tap-customerly--full`.

        Returns:
            The plugin; None where the project declares none of that name.
        """
        return next((each for each in self.plugins if each.name == name), None)

    def virtualenv(self, plugin: Plugin) -> Path:
        """Say where a plugin is installed.

        Args:
            plugin: One that inherits from no other.

        Returns:
            The folder of its virtual environment.
        """
        return self.folder / ".meltano" / plugin.kind / plugin.name / "venv"

    def setting(self, plugin: str, name: str) -> str | None:
        """Look a setting up in the order in which Meltano does, as text.

        Args:
            plugin: The plugin's name.
            name: The setting's name.

        Returns:
            Its value, an object or list as JSON; None where it is not set or empty.
        """
        found = self.plugin(plugin)
        variable = f"{plugin}_{name}".replace("-", "_").upper()
        value: object = self.environ.get(variable) or None
        for config in self._configs(plugin, found):
            value = value if value is not None else config.get(name)
        if isinstance(value, str):
            value = self._expanded(value)
        if value in (None, "") and found is not None and found.parent:
            return self.setting(found.parent, name)
        if isinstance(value, (dict, list, bool)):
            return json.dumps(value, ensure_ascii=False, default=str)
        return None if value in (None, "") else str(value)

    def _configs(self, plugin: str, found: Plugin | None) -> Iterator[Object]:
        """The places in `meltano.yml` that can set something, the first that does wins."""
        for environment in _objects(self.declared, "environments"):
            if environment.get("name") == self.environment:
                chosen = _object(_object(environment, "config"), "plugins")
                for each in self._plugins(chosen):
                    if each.name == plugin:
                        yield _object(each.declared, "config")
        if found is not None:
            yield _object(found.declared, "config")
            yield {
                str(each.get("name")): each.get("value")
                for each in _objects(found.declared, "settings")
            }

    def _declared_variables(self) -> dict[str, str]:
        """The variables that `meltano.yml` itself sets, for all or for this environment."""
        chosen = (
            each
            for each in _objects(self.declared, "environments")
            if each.get("name") == self.environment
        )
        places = (self.declared, *chosen)
        return {n: str(v) for place in places for n, v in _object(place, "env").items()}

    def _plugins(self, declared: Object) -> Iterator[Plugin]:
        for kind in KINDS:
            for each in _objects(declared, kind):
                yield Plugin(kind, str(each.get("name")), each)

    def _expanded(self, text: str) -> str:
        known = {**self.environ, **self._declared_variables()}
        known["MELTANO_PROJECT_ROOT"] = str(self.folder)
        return _VARIABLE.sub(lambda found: known.get(found[1], ""), text)


def find_project(start: Path, environ: Mapping[str, str]) -> MeltanoProject | None:
    """Find the Meltano project that a folder belongs to.

    Args:
        start: The folder to begin in; then its parents.
        environ: Environment variables, which win over the project's `.env`.

    Returns:
        The project; None where there is none.

    Raises:
        ConfigError: Its `meltano.yml` cannot be read.
    """
    root = environ.get("MELTANO_PROJECT_ROOT")
    folders = [Path(root)] if root else [start, *start.parents]
    folder = next((each for each in folders if (each / "meltano.yml").is_file()), None)
    if folder is None:
        return None
    file = folder / "meltano.yml"
    try:
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
        kept = dotenv_values(folder / ".env", encoding="utf-8-sig")
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" in line {line + 1}"
        raise ConfigError(f"{file} cannot be read{where}: mend it, or restore it") from error
    if not isinstance(declared, dict):
        raise ConfigError(f"{file} holds no Meltano project: mend it, or restore it")
    env_file = {name: value for name, value in kept.items() if value is not None}
    return MeltanoProject(folder, declared, {**env_file, **environ})


def _object(holder: Object, name: str) -> Object:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _objects(holder: Object, name: str) -> list[Object]:
    value = holder.get(name)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
