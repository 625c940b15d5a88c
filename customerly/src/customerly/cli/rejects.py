"""`customerly rejects`: records that could not be applied, sent again once the cause is mended."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from customerly.cli.connecting import connection_of, connection_options, given_options
from customerly.cli.terminal import print_json
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from customerly.meltano.project import MeltanoProject

TARGET = "target-customerly"
_PREFIX = "TARGET_CUSTOMERLY_"


@click.group()
def rejects() -> None:
    """Deal with the records that a run of target-customerly could not apply.

    Example: customerly rejects replay customerly-rejects.jsonl
    """


@rejects.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@connection_options
def replay(file: Path) -> None:
    """Send the records of FILE again; those that are rejected once more are in FILE afterwards.

    The settings of target-customerly are those of the Meltano project, or of the variables
    TARGET_CUSTOMERLY_…. The exit status is 1 where something was rejected again.

    Example: customerly rejects replay customerly-rejects.jsonl
    """
    from customerly.meltano.project import find_project

    if find_spec("target_customerly") is None:
        message = "Replaying needs target-customerly: pip install target-customerly"
        raise click.ClickException(message)
    project = find_project(Path.cwd(), os.environ)
    environ = dict(project.environ) if project else dict(os.environ)
    connection = connection_of(given_options(), environ)
    taken = file.with_name(f"{file.name}.replay")
    if taken.exists():
        raise CustomerlyError(
            f"{taken} is there from a replay that was cut short: replay that file first"
        )
    count = _count(file)
    file.replace(taken)
    status = _run_target(
        taken,
        {
            "LOGLEVEL": "WARNING",  # the summary comes even so
            **environ,
            **_settings(project),
            f"{_PREFIX}ACCESS_TOKEN": connection.access_token,
            f"{_PREFIX}API_URL": connection.api_url,
            f"{_PREFIX}REJECTS_PATH": str(file.absolute()),
            f"{_PREFIX}MAX_REJECTS": "-1",
        },
    )
    if status != 0:
        raise CustomerlyError(
            f"The replay ended early. The records are in {taken}: mend the cause, replay that file"
        )
    taken.unlink()
    left = _count(file) if file.exists() else 0
    print_json({"replayed": count, "rejected": left})
    if left:
        raise click.exceptions.Exit(1)


def _count(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())


def _settings(project: MeltanoProject | None) -> dict[str, str]:
    """The target's settings in `meltano.yml`, as the variables that stand for them."""
    plugin = project.plugin(TARGET) if project else None
    if project is None or plugin is None:
        return {}
    declared = plugin.declared.get("settings")
    names = [each.get("name") for each in declared] if isinstance(declared, list) else []
    found = {str(name): project.setting(TARGET, str(name)) for name in names}
    return {f"{_PREFIX}{name.upper()}": value for name, value in found.items() if value is not None}


def _run_target(file: Path, environ: dict[str, str]) -> int:
    """Run the target on a file; what it passes on of a state is of no use here."""
    command = [sys.executable, "-m", "target_customerly", "--config", "ENV", "--input", str(file)]
    done = subprocess.run(  # noqa: S603
        command, env=environ, stdout=subprocess.DEVNULL, check=False
    )
    return done.returncode
