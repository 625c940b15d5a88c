"""`customerly fleet`: the projects of `fleet.yml`."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from customerly.cli.tables import print_table
from customerly.cli.terminal import print_json
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from customerly.fleet.runner import Runner

_FILE = "fleet.yml"
_SHOWN = 80  # characters of a message that a table has room for
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, a line a project.")
file_option = click.option(
    "--file",
    "file",
    type=click.Path(path_type=Path),
    help=f"The file that names the projects.  [default: {_FILE} in the Meltano project's folder]",
)


def _runner(file: Path | None) -> Runner:
    from customerly.fleet.definition import read_fleet
    from customerly.fleet.runner import Runner
    from customerly.meltano.project import find_project

    project = find_project(Path.cwd(), os.environ)
    if project is None:
        raise ConfigError("There is no meltano.yml here: run this in the Meltano project's folder")
    return Runner(project, read_fleet(file or project.folder / _FILE))


@click.group()
def fleet() -> None:
    """Run many Customerly projects, each with a state, a log and a schema of its own.

    fleet.yml says where each project's token is, never the token itself.

    Example: customerly fleet run --all --jobs 4
    """


@fleet.command("list")
@file_option
@json_option
def list_projects(*, file: Path | None, as_json: bool) -> None:
    """List the projects.

    Example: customerly fleet list
    """
    projects = _runner(file).fleet.values()
    rows: list[dict[str, object]] = [
        {
            "project": each.name,
            "schema": each.schema,
            "streams": each.streams if as_json else " ".join(each.streams),
            "schedule": each.schedule,
            "api_url": each.api_url or None,
            "token": each.token_env or str(each.token_file),
        }
        for each in projects
    ]
    _print(rows, as_json=as_json)


@fleet.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "everything", is_flag=True, help="Run every project.")
@click.option("--job", default="extract", show_default=True, help="extract or extract-full.")
@click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Most projects at once."
)
@file_option
def run(
    *, names: tuple[str, ...], everything: bool, job: str, jobs: int, file: Path | None
) -> None:
    """Run projects; each ends with a line of JSON. Exit status 1 if one failed.

    Example: customerly fleet run acme bolt --jobs 2
    """
    if bool(names) == everything:
        message = "Name projects, or give --all"
        raise click.UsageError(message)
    runner = _runner(file)
    chosen = list(runner.fleet) if everything else list(dict.fromkeys(names))
    for name in chosen:
        if name not in runner.fleet:
            message = f"fleet.yml has no project {name}, but {', '.join(runner.fleet)}"
            raise click.UsageError(message)
    failed = False
    with _Stopping(runner.stop):
        for result in runner.run_all(chosen, job, jobs):
            print_json(result)
            failed |= not result.ok
    if failed:
        raise click.exceptions.Exit(1)


@fleet.command()
@file_option
@json_option
def status(*, file: Path | None, as_json: bool) -> None:
    """Say how the last run of each project ended, and how far its bookmarks are.

    Example: customerly fleet status --json
    """
    from customerly.fleet.status import project_status

    runner = _runner(file)
    rows = [project_status(name, runner.workspace(name)) for name in runner.fleet]
    _print(rows if as_json else [_table_row(row) for row in rows], as_json=as_json)


def _table_row(row: dict[str, Any]) -> dict[str, object]:
    """What a person wants to see of a project's status at first sight."""
    outcome = {None: "never run", True: "ok", False: "failed"}[row["ok"]]
    return {
        "project": row["project"],
        "last run": "running" if row["running"] else outcome,
        "job": row["job"],
        "ended at": row["ended_at"] and row["ended_at"][:16].replace("T", " "),
        "records": sum(row["records"].values()) if row["ok"] else None,
        "read up to": min(map(str, row["bookmarks"].values()), default="")[:16].replace("T", " "),
        "message": row["message"][:_SHOWN],
    }


def _print(rows: Sequence[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print_json(*rows)
    else:
        print_table(list(rows[0]), (row.values() for row in rows))


class _Stopping:
    """Ends what runs at SIGTERM, as at Ctrl-C: each run still gets its line."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self._stop = stop

    def __enter__(self) -> None:
        self._before = {
            each: signal.signal(each, self._handle) for each in (signal.SIGTERM, signal.SIGINT)
        }

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    def _handle(self, _number: int, _frame: FrameType | None) -> None:
        self._stop()
