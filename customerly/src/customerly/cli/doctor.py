"""`customerly doctor`: is everything there that a pipeline needs?"""

from __future__ import annotations

import os
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from customerly.cli.connecting import (
    config_of,
    connection_options,
    environment,
    given_options,
)
from customerly.cli.tables import print_text
from customerly.cli.terminal import print_json
from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from customerly.doctor.findings import Check, Fact
    from customerly.doctor.setup import Setup


@click.command()
@click.option("--api", "ask", is_flag=True, help="Find out what the API does, by reads alone.")
@click.option(
    "--write",
    is_flag=True,
    help="Find out the rest, too, on a contact and two tags of its own, removed again.",
)
@click.option(
    "--facts",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write what was found out to this file, for the setting api_facts.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object, for programs.")
@connection_options
def doctor(*, ask: bool, write: bool, file: Path | None, as_json: bool) -> None:
    """Check all that a pipeline needs, and say what to do where something is wrong.

    It looks at the token, the network, the clock, this machine, and at Meltano, its plugins, the
    warehouse and the last runs where there is a Meltano project. The exit status is 1 if something
    would fail. What it prints holds no token, no address and no name: it can be pasted.

    --api and --write settle what the API's documentation leaves open (docs/assumptions.md).

    Example: customerly doctor

    Example: customerly doctor --api --write --facts api-facts.json
    """
    from customerly.doctor.checks import run_checks
    from customerly.doctor.facts import write_facts

    checks: list[Check] = []
    facts: list[Fact] = []
    try:
        setup = _setup(checks)
        for check in checks:
            _show_check(check, as_json=as_json)
        for check in run_checks(setup):
            checks.append(check)
            _show_check(check, as_json=as_json)
        if ask or write or file:
            facts = _facts(setup, checks, write=write, as_json=as_json)
            if file is not None:
                write_facts(file, facts)
    finally:
        if as_json:
            shown: dict[str, list[dict[str, Any]]] = {
                "checks": [asdict(check) for check in checks],
                "facts": [asdict(fact) for fact in facts],
            }
            print_json(shown)
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(1)


def _setup(checks: list[Check]) -> Setup:
    from customerly.doctor.findings import Check
    from customerly.doctor.setup import Setup
    from customerly.meltano.project import find_project

    folder = Path.cwd()
    environ = dict(os.environ)
    project = None
    config: Mapping[str, object] = {}
    try:
        environ = environment()
        project = find_project(folder, environ)
    except ConfigError as error:
        says = str(error).replace(str(folder), ".")
        checks.append(Check("settings", ok=False, says=says, do="mend the file, or restore it"))
    environ = dict(project.environ) if project else environ
    try:
        config = config_of(given_options(), environ)
    except ConfigError as error:
        checks.append(Check("token", ok=False, says=str(error), do="name a file that holds it"))
    return Setup(folder, environ, config, project, lambda: datetime.now(UTC))


def _facts(setup: Setup, checks: list[Check], *, write: bool, as_json: bool) -> list[Fact]:
    from customerly.api import Api
    from customerly.client import Client
    from customerly.doctor.facts import order_check, settle
    from customerly.doctor.observing import observe

    def found(check: Check) -> None:
        checks.append(check)
        _show_check(check, as_json=as_json)

    if any(each.check in {"token", "api", "api url"} and not each.ok for each in checks):
        return []  # nothing can be asked, and why is said already
    connection = setup.trial_connection()
    for check in observe(connection):
        found(check)
    with Client(connection) as client:
        facts = settle(Api(client), write=write, sleep=time.sleep, cleaned=found, seen=found)
    for fact in facts:
        if not as_json:
            answer = "?" if fact.answer is None else str(fact.answer).lower()
            print_text(f"  {fact.fact}: {answer} ({fact.how})")
    for check in order_check(facts):
        found(check)
    return facts


def _show_check(check: Check, *, as_json: bool) -> None:
    if not as_json:
        mark = click.style("✓", fg="green") if check.ok else click.style("✗", fg="red", bold=True)
        do = f"\n    → {check.do}" if check.do else ""
        print_text(f"{mark} {check.check}: {check.says}{do}")
