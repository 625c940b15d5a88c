"""Two runs of the tap at once, in one checkout: Meltano can hand each the other's state."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import psycopg
from pipelines import BIN, settings

from tests.support.meltano import expected, landed

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox import Sandbox

    from tests.support.meltano import Project


def start(project: Project, name: str, sandbox: Sandbox) -> subprocess.Popen[str]:
    """Begin `meltano run extract`, with a state and a schema of its own."""
    env = settings(
        sandbox.url,
        project.warehouse,
        project.folder,
        TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA=f"at_once_{name}",
    )
    options = ["--environment=sandbox", f"--env-file={os.devnull}"]
    job = ["run", "--no-install", f"--state-id-suffix={name}", "extract"]
    return subprocess.Popen(
        [str(BIN / "meltano"), *options, *job],
        cwd=project.folder,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_at_once(project: Project, sandboxes: dict[str, Sandbox]) -> None:
    """Run every project at the same time; Meltano may end one, but not without a word."""
    runs = {name: start(project, name, sandbox) for name, sandbox in sandboxes.items()}
    said = {name: run.communicate()[1] for name, run in runs.items()}
    for name, run in runs.items():
        if run.returncode:  # they share the file of the catalog, too: one read half of it, or none
            assert "Invalid catalog" in said[name] or "tap.properties.json" in said[name]
            again = start(project, name, sandboxes[name])
            assert again.communicate()[1] is not None
            assert again.returncode == 0


def test_each_reads_all_of_its_own_project_whatever_state_it_is_handed(
    project: Project, make_sandbox: Callable[..., Sandbox]
) -> None:
    sandboxes = {name: make_sandbox(60, 20, seed=seed) for seed, name in enumerate(("a", "b"))}
    with psycopg.connect(project.warehouse) as connection:
        for name in sandboxes:
            connection.execute(f"DROP SCHEMA IF EXISTS at_once_{name} CASCADE")
    # The bookmarks of one are far ahead of what changes in the other.
    sandboxes["b"].advance(3 * 86_400)
    sandboxes["b"].upsert("users", {"email": "late@example.com"})
    sandboxes["b"].upsert("leads", {"email": "later@example.com"})
    for name, sandbox in sandboxes.items():  # one by one: they would both make the database
        run_at_once(project, {name: sandbox})

    for name, sandbox in sandboxes.items():
        sandbox.upsert("users", {"email": f"{name}@example.com", "name": "New"})
        sandbox.upsert("leads", {"email": f"{name}@example.net", "name": "New"})
    run_at_once(project, sandboxes)
    for name, sandbox in sandboxes.items():
        for kind in ("users", "leads"):
            wanted = expected(sandbox.contacts(kind))
            assert landed(project, kind, f"at_once_{name}") == wanted, (name, kind)
