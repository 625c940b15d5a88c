"""Runs of the tap at once, in one checkout: Meltano can hand each the other's state."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest
from meltano.core.migration_service import MigrationService
from meltano.core.project import Project as MeltanoProject
from meltano.core.state_service import StateService
from pipelines import BIN, settings
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from tests.support.meltano import expected, landed
from tests.support.tap import run_tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox import Sandbox

    from tests.support.meltano import Project
    from tests.support.run import Json

OPTIONS = (str(BIN / "meltano"), "--environment=sandbox", f"--env-file={os.devnull}")
STATE = "sandbox:tap-customerly-to-target-postgres:{}"


def environment(project: Project, name: str, sandbox: Sandbox) -> dict[str, str]:
    """A state and a schema of its own."""
    return settings(
        sandbox.url,
        project.warehouse,
        project.folder,
        MELTANO_RUN_STATE_ID_SUFFIX=name,
        TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA=f"at_once_{name}",
    )


def start(project: Project, name: str, sandbox: Sandbox) -> subprocess.Popen[str]:
    """Begin `meltano run extract`."""
    return subprocess.Popen(
        [*OPTIONS, "run", "--no-install", "extract"],
        cwd=project.folder,
        env=environment(project, name, sandbox),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_at_once(project: Project, sandboxes: dict[str, Sandbox]) -> None:
    """Run all at the same time; one that Meltano ends, since they share files, is run again."""
    runs = {name: start(project, name, sandbox) for name, sandbox in sandboxes.items()}
    said = {name: run.communicate()[1] for name, run in runs.items()}
    for name, run in runs.items():
        if run.returncode:  # half of the other's catalog, or none: no harm, since it says so
            assert "[error" in said[name]
            again = start(project, name, sandboxes[name])
            said[name] = again.communicate()[1]
            assert again.returncode == 0, said[name]


def keep_state(project: Project, state_id: str, state: Json) -> None:
    """What `meltano state set` does, in this process."""
    engine = create_engine(f"sqlite:///{project.folder / 'meltano.db'}")
    MigrationService(engine).upgrade(silent=True)
    with Session(engine) as session:
        service = StateService(MeltanoProject(project.folder), session)
        service.set_state(state_id, json.dumps({"singer_state": state}))
    engine.dispose()


def state_far_ahead(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Json:
    """What a run of the name `ahead` leaves that has read all: a bookmark in days to come."""
    sandbox.advance(3 * 86_400)
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "sandbox")
    monkeypatch.setenv("MELTANO_RUN_STATE_ID_SUFFIX", "ahead")
    state: Json = run_tap(dict(sandbox.config)).state
    return state


def forget_schemas(project: Project) -> None:
    with psycopg.connect(project.warehouse) as connection:
        for name in ("ahead", "anew"):
            connection.execute(f"DROP SCHEMA IF EXISTS at_once_{name} CASCADE")


def check_all_of(project: Project, sandbox: Sandbox) -> None:
    """The run `anew` has loaded every contact."""
    for kind in ("users", "leads"):
        assert landed(project, kind, "at_once_anew") == expected(sandbox.contacts(kind)), kind


def test_a_run_that_is_handed_the_state_of_another_reads_all_of_its_own(
    project: Project, make_sandbox: Callable[..., Sandbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the same project even, so that nothing but Meltano's name for the run tells them apart."""
    sandbox = make_sandbox(60, 20)
    forget_schemas(project)
    keep_state(project, STATE.format("anew"), state_far_ahead(sandbox, monkeypatch))
    own = {"TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": "at_once_anew"}
    assert project.run("extract", sandbox=sandbox, MELTANO_RUN_STATE_ID_SUFFIX="anew", **own) == 0
    check_all_of(project, sandbox)


@pytest.mark.soak
@pytest.mark.parametrize("same_project", [False, True], ids=["two", "one"])
def test_each_reads_all_of_its_own_whatever_state_it_is_handed(
    project: Project,
    make_sandbox: Callable[..., Sandbox],
    monkeypatch: pytest.MonkeyPatch,
    *,
    same_project: bool,
) -> None:
    ahead = make_sandbox(60, 20, seed=1)
    anew = ahead if same_project else make_sandbox(60, 20, seed=2)
    forget_schemas(project)
    keep_state(project, STATE.format("ahead"), state_far_ahead(ahead, monkeypatch))
    for sandbox in {id(each): each for each in (ahead, anew)}.values():
        sandbox.upsert("users", {"email": "new@example.com", "name": "New"})
        sandbox.upsert("leads", {"email": "new@example.net", "name": "New"})
    run_at_once(project, {"ahead": ahead, "anew": anew})
    check_all_of(project, anew)
    for kind in ("users", "leads"):
        changed = landed(project, kind, "at_once_ahead")
        assert changed.items() <= expected(ahead.contacts(kind)).items()
        assert [row for row in changed.values() if row["name"] == "New"]
