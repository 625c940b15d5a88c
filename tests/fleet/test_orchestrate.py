"""Dagster and Airflow run the fleet: what they ask for, and what they say of a run."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from pipelines import BIN, ROOT, settings

from tests.fleet.test_fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from customerly_sandbox import Sandbox

    from tests.support.meltano import Project

ORCHESTRATE = ROOT / "orchestrate"
DAGSTER = ROOT / ".orchestrate" / "venv" / "bin" / "python"
SPEC = importlib.util.spec_from_file_location("fleet_command", ORCHESTRATE / "fleet_command.py")
assert SPEC is not None
assert SPEC.loader is not None
fleet_command = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(fleet_command)


@pytest.mark.parametrize(
    ("message", "passing"),
    [
        ("GET https://api/v1/users/list failed after 6 tries (503): unavailable", True),
        ("api.customerly.io takes no connection: see that it runs, and check api_url", True),
        ("the connection to api.customerly.io broke off", True),
        ("The run was ended by SIGKILL: run it again", True),
        ("A run of it is under way: wait for its end", True),
        ('connection to server at "db" failed: timeout expired', True),
        ("Customerly refused the access token: create a new one", False),
        ("ACME_TOKEN is not set: it must hold the token of acme", False),
        ('connection failed: FATAL: password authentication failed for user "x"', False),
        ("api can't prove who it is (TLS): check api_url and this machine's certificates", False),
        ("meltano.yml has no job extrct, but extract", False),
    ],
)
def test_what_passes_by_itself_is_tried_again_and_nothing_else(message: str, passing: bool) -> None:
    assert bool(fleet_command.PASSING.match(message)) is passing


def test_dagsters_definitions_stay_a_page_to_read() -> None:
    assert len((ORCHESTRATE / "definitions.py").read_text().splitlines()) <= 150


def dagster(fleet: Fleet, *names: str) -> dict[str, Any]:
    """What Dagster makes of a fleet; see `orchestrated.py`."""
    (fleet.project.folder / "transform").symlink_to(ROOT / "transform")
    env = settings("", fleet.project.warehouse, fleet.project.folder, **fleet.tokens)
    for name in ("MELTANO_DATABASE_URI", "TAP_CUSTOMERLY_API_URL", "TARGET_CUSTOMERLY_API_URL"):
        del env[name]
    env |= {
        "MELTANO_PROJECT_ROOT": str(fleet.project.folder),
        "CUSTOMERLY_BIN": str(BIN),
        "PYTHONPATH": str(ORCHESTRATE),
        "DAGSTER_TELEMETRY_ENABLED": "false",
    }
    done = subprocess.run(
        [DAGSTER, "-W", "ignore", ROOT / "tests" / "fleet" / "orchestrated.py", *names],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.skipif(
    not DAGSTER.exists() and "CI" not in os.environ,  # there it fails: an install step is missing
    reason="Dagster is not installed: `make test` does it",
)
def test_dagster_has_a_partition_a_project_and_runs_each_when_its_schedule_says(
    project: Project, make_sandbox: Callable[..., Sandbox]
) -> None:
    fleet = Fleet(project, dict.fromkeys(("acme", "bolt"), make_sandbox(1, 0)))
    path = project.folder / "fleet.yml"
    declared = json.loads(path.read_text())
    declared["projects"]["bolt"]["schedule"] = "6 * * * *"
    path.write_text(json.dumps(declared))
    assert dagster(fleet) == {
        "added": ["acme", "bolt"],
        "removed": [],
        "jobs": {"extract": ["streams"], "transform": ["customerly__loads_fresh", "models"]},
        "due 00:05": ["acme"],
        "due 00:06": ["bolt"],
        "weekly 03:30": ["acme", "bolt"],
    }


@pytest.mark.soak
def test_dagster_shows_of_each_run_what_was_read_rejected_and_loaded(
    project: Project, make_sandbox: Callable[..., Sandbox]
) -> None:
    fleet = Fleet(project, {name: make_sandbox(40, 15) for name in ("acme", "refused")})
    fleet.sandboxes["acme"].upsert("users", {"email": "a@example.com", "tags": ["x" * 3000]})
    fleet.tokens["TOKEN_1"] = "a-wrong-token"
    runs = dagster(fleet, "acme", "refused")
    assert runs["acme"]["ok"]
    users = runs["acme"]["metadata"]["users"]
    assert (users["records"], users["rejects"], users["job"]) == (41, 0, "extract")
    assert users["requests"] > 0
    assert users["seconds"] > 0
    assert runs["acme"]["metadata"]["tags"]["rejects"] == 1
    assert runs["acme"]["checks"] == {"users": True, "leads": True, "tags": True}
    assert not runs["refused"]["ok"]
    assert "refused the access token" in runs["refused"]["said"][0]
    assert runs["refused"]["retries"] == 0


def test_airflow_is_given_the_jobs_of_meltano_by_a_file_of_thirty_lines() -> None:
    text = (ORCHESTRATE / "airflow_dags.py").read_text()
    assert len(text.splitlines()) <= 30
    calls = [each.value for each in ast.parse(text).body if isinstance(each, ast.Expr)][1:]
    given = [[ast.literal_eval(each) for each in call.args] for call in calls]  # type: ignore[attr-defined]
    jobs = (ROOT / "meltano.yml").read_text()
    assert [job for job, _ in given] == ["extract", "extract-full"]
    for job, schedule in given:
        assert f"- name: {job} " in jobs
        assert f"interval: {schedule}\n  job: {job}\n" in jobs


PARSED = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
bag = DagBag(sys.argv[1])
tasks = {name: sorted(task.task_id for task in dag.tasks) for name, dag in bag.dags.items()}
names = bag.dags["customerly-extract"].get_task("projects").python_callable() if tasks else []
print(json.dumps([bag.import_errors, tasks, names]))
"""


@pytest.mark.soak
def test_airflow_parses_it(
    tmp_path: Path, project: Project, make_sandbox: Callable[..., Sandbox]
) -> None:
    Fleet(project, dict.fromkeys(("acme", "bolt"), make_sandbox(1, 0)))
    uv, python = BIN / "uv", tmp_path / "venv" / "bin" / "python"
    lock = ("--quiet", "--require-hashes", "-r", ROOT / "requirements-airflow.lock")
    for command in (
        [uv, "venv", "--quiet", tmp_path / "venv"],
        [uv, "pip", "install", "--python", python, *lock],
    ):
        subprocess.run(command, check=True)
    env = {
        "AIRFLOW_HOME": str(tmp_path / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "PYTHONPATH": str(ORCHESTRATE),
        "MELTANO_PROJECT_ROOT": str(project.folder),
        "CUSTOMERLY_BIN": str(BIN),
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [python, "-c", PARSED, ORCHESTRATE / "airflow_dags.py"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    errors, tasks, names = json.loads(done.stdout.splitlines()[-1])
    assert errors == {}
    assert tasks == {
        "customerly-extract": ["extract", "projects"],
        "customerly-extract-full": ["extract", "projects"],
    }
    assert names == ["acme", "bolt"]
