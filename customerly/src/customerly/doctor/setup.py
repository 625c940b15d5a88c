"""What the doctor looks at: a folder, its settings, and the Meltano project that it belongs to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from customerly.connection import Connection
from customerly.errors import ConfigError
from customerly.settings import CONNECTION_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from customerly.meltano.project import MeltanoProject

CONNECTORS = ("tap-customerly", "target-customerly")
_ATTEMPTS, _TIMEOUT, _LONGEST_WAIT = 2, 10, 30  # somebody waits for the answer


@dataclass(frozen=True)
class Setup:
    """Everything that is to be checked.

    Args:
        folder: The working folder.
        environ: Environment variables, those of a `.env` included.
        config: The connection's settings that were given to the command itself.
        project: The Meltano project; None where there is none.
        now: Tells the time, with its zone.
    """

    folder: Path
    environ: Mapping[str, str] = field(repr=False)
    config: Mapping[str, object] = field(repr=False)
    project: MeltanoProject | None
    now: Callable[[], datetime]

    @property
    def root(self) -> Path:
        """The folder that paths are shown below."""
        return self.project.folder if self.project else self.folder

    @property
    def has_own_connection(self) -> bool:
        """Whether the command itself was told which project to speak to."""
        return bool(self.config.get("access_token"))

    def connection(self, user: str) -> Connection:
        """Make the connection of one user of the API, quick to give up.

        Args:
            user: `customerly`, or one of `CONNECTORS`.

        Returns:
            The connection.

        Raises:
            ConfigError: A setting is missing or wrong.
        """
        config = self.config
        if user != "customerly" and self.project is not None:
            names = [setting.name for setting in CONNECTION_SETTINGS]
            config = {name: self.project.setting(user, name) for name in names}
        made = Connection.from_config(config, user_agent="customerly-doctor")
        return replace(
            made, max_attempts=_ATTEMPTS, request_timeout=_TIMEOUT, max_wait=_LONGEST_WAIT
        )

    def users(self) -> list[str]:
        """Name those who speak to the API from here.

        Returns:
            The command line where it has a token, and the connectors of the Meltano project.
        """
        declared = [name for name in CONNECTORS if self.project and self.project.plugin(name)]
        return ["customerly"] * (self.has_own_connection or not declared) + declared

    def trial_connection(self) -> Connection:
        """Choose the connection on which facts are settled: the command's own, or the tap's.

        Returns:
            The first that is complete.

        Raises:
            ConfigError: There is none.
        """
        problems = []
        for user in self.users():
            try:
                return self.connection(user)
            except ConfigError as error:
                problems.append(error)
        raise problems[0]
