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


@pytest.mark.parametrize(
    "same_project", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["two", "one"]
)
def test_each_reads_all_of_its_own_whatever_state_it_is_handed(
    project: Project,
    make_sandbox: Callable[..., Sandbox],
    monkeypatch: pytest.MonkeyPatch,
    *,
    same_project: bool,
) -> None:
    ahead = make_sandbox(60, 20, seed=1)
    anew = ahead if same_project else make_sandbox(60, 20, seed=2)
    with psycopg.connect(project.warehouse) as connection:
        for name in ("ahead", "anew"):
            connection.execute(f"DROP SCHEMA IF EXISTS at_once_{name} CASCADE")
    # One has read all, up to a bookmark that is far ahead of what the other has to read.
    ahead.advance(3 * 86_400)
    monkeypatch.setenv("MELTANO_ENVIRONMENT", "sandbox")
    monkeypatch.setenv("MELTANO_RUN_STATE_ID_SUFFIX", "ahead")
    keep_state(project, STATE.format("ahead"), run_tap(dict(ahead.config)).state)

    for sandbox in {id(each): each for each in (ahead, anew)}.values():
        sandbox.upsert("users", {"email": "new@example.com", "name": "New"})
        sandbox.upsert("leads", {"email": "new@example.net", "name": "New"})
    run_at_once(project, {"ahead": ahead, "anew": anew})
    for kind in ("users", "leads"):
        assert landed(project, kind, "at_once_anew") == expected(anew.contacts(kind)), kind
        changed = landed(project, kind, "at_once_ahead")
        assert changed.items() <= expected(ahead.contacts(kind)).items()
        assert [row for row in changed.values() if row["name"] == "New"]
