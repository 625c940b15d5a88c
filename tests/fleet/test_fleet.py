"""Projects run side by side through Meltano as released: none sees, or hurts, another."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING

import psutil
import psycopg
import pytest

from tests.support.meltano import expected, landed
from tests.support.run import BIN
from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox import Sandbox

    from tests.support.meltano import Project


class Fleet:
    """A Meltano project with a `fleet.yml`: one project a sandbox, each with a token of its own."""

    def __init__(self, project: Project, sandboxes: dict[str, Sandbox]) -> None:
        self.project = project
        self.sandboxes = sandboxes
        self.tokens = {f"TOKEN_{number}": "sandbox-token" for number in range(len(sandboxes))}
        places = dict(zip(sandboxes, self.tokens, strict=True))
        projects = {
            name: {"token_env": places[name], "api_url": sandbox.url}
            for name, sandbox in sandboxes.items()
        }
        (project.folder / "fleet.yml").write_text(json.dumps({"projects": projects}))
        with psycopg.connect(project.warehouse) as connection:
            for name in sandboxes:
                connection.execute(f'DROP SCHEMA IF EXISTS "customerly_{name}" CASCADE')

    def start(self, *arguments: str, **env: str) -> subprocess.Popen[str]:
        """Begin `customerly fleet ...`."""
        clean = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("CUSTOMERLY_", "MELTANO_", "TAP_", "TARGET_"))
        }
        clean |= self.tokens
        clean["TARGET_POSTGRES_SQLALCHEMY_URL"] = self.project.warehouse.replace(
            "://", "+psycopg://"
        )
        clean["TAP_CUSTOMERLY_MAX_ATTEMPTS"] = "2"
        return subprocess.Popen(
            [str(BIN / "customerly"), "fleet", *arguments],
            cwd=self.project.folder,
            env=clean | env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **env: str) -> tuple[int, dict[str, dict]]:
        """Run `customerly fleet run ...` to its end: exit status, and each project's line."""
        process = self.start("run", *arguments, **env)
        output, errors = process.communicate()
        assert "Traceback" not in errors
        lines = [json.loads(line) for line in output.splitlines()]
        return process.returncode, {line["project"]: line for line in lines}

    def status(self) -> dict[str, dict]:
        """Each project's line of `customerly fleet status --json`."""
        output, _ = self.start("status", "--json").communicate()
        return {line["project"]: line for line in map(json.loads, output.splitlines())}

    def check(self, *names: str) -> None:
        """Each schema holds what its own sandbox holds, and nothing else."""
        for name in names:
            sandbox, schema = self.sandboxes[name], f"customerly_{name}"
            for kind in ("users", "leads"):
                assert landed(self.project, kind, schema) == expected(sandbox.contacts(kind)), name


def family(process: subprocess.Popen[str], word: str) -> list[psutil.Process]:
    """Those of a process's descendants whose command line has a word in it."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        try:
            if any(word in part for part in child.cmdline()):
                found.append(child)
        except psutil.NoSuchProcess:
            continue
    return found


def test_projects_run_at_once_and_those_that_fail_hurt_no_other_and_are_run_again(
    project: Project, make_sandbox: Callable[..., Sandbox]
) -> None:
    names = ("acme", "B-2", "killed")
    fleet = Fleet(
        project, {name: make_sandbox(40, 15, seed=seed) for seed, name in enumerate(names)}
    )
    fleet.sandboxes["killed"].fail("slow", seconds=60)  # so that it is in the middle of its read
    running = fleet.start("run", "--all", "--jobs", "3", TOKEN_1="a-wrong-token")
    (tap,) = eventually(
        lambda: [tap for tap in family(running, "--catalog") if "killed" in str(tap.cmdline())],
        within=120,
    )
    everybody = psutil.Process(running.pid).children(recursive=True)
    assert "sandbox-token" not in str([each.cmdline() for each in everybody])
    code, lines = fleet.run("killed")
    assert (code, lines["killed"]["ok"]) == (1, False)
    assert "under way" in lines["killed"]["message"]
    meltano = tap.parent()
    assert meltano is not None
    meltano.kill()
    tap.kill()
    output, _ = running.communicate()
    assert running.returncode == 1

    lines = {line["project"]: line for line in map(json.loads, output.splitlines())}
    assert {name: line["ok"] for name, line in lines.items()} == {
        "acme": True,
        "B-2": False,
        "killed": False,
    }
    assert lines["acme"].keys() == {
        *("project", "job", "ok", "records", "requests", "seconds", "message")
    }
    tags = len(fleet.sandboxes["acme"].state()["tags"])
    assert lines["acme"]["records"] == {"users": 40, "leads": 15, "tags": tags}
    assert lines["acme"]["message"] == ""
    assert "refused the access token" in lines["B-2"]["message"]
    assert signal.SIGKILL.name in lines["killed"]["message"]
    assert "a-wrong-token" not in json.dumps(lines)
    fleet.check("acme")
    assert landed(project, "leads", "customerly_B-2") == {}

    # Run again, beside another project that has a later bookmark, each reads all of its own.
    fleet.sandboxes["killed"].heal()
    fleet.sandboxes["acme"].upsert("users", {"email": "new@example.com", "name": "New"})
    code, lines = fleet.run("acme", "killed", "--jobs", "2")
    assert code == 0, lines
    assert lines["killed"]["records"]["users"] == 40
    assert lines["acme"]["records"]["users"] < 40
    fleet.check("acme", "killed")

    status = fleet.status()
    assert {name: row["ok"] for name, row in status.items()} == {
        "acme": True,
        "B-2": False,
        "killed": True,
    }
    assert status["acme"]["bookmarks"].keys() >= {"users", "leads"}
    assert status["acme"]["bookmarks"] != status["killed"]["bookmarks"]
    assert "sandbox-token" not in "".join(
        path.read_text(errors="replace")
        for path in (project.folder / ".meltano" / "fleet").rglob("*")
        if path.is_file() and not path.is_symlink()
    )


@pytest.mark.soak
def test_thirty_projects_twelve_at_once_with_three_that_fail_and_are_run_again(
    project: Project, make_sandbox: Callable[..., Sandbox]
) -> None:
    names = [f"project-{number:02}" for number in range(30)]
    refused, down, killed = names[3], names[7], names[11]
    fleet = Fleet(
        project,
        {name: make_sandbox(220, 80, seed=seed) for seed, name in enumerate(names)},
    )
    fleet.sandboxes[killed].fail("slow", seconds=60)
    there = (project.folder / "fleet.yml").read_text()
    (project.folder / "fleet.yml").write_text(
        there.replace(fleet.sandboxes[down].url, "http://127.0.0.1:9/v1")
    )
    running = fleet.start("run", "--all", "--jobs", "12", TOKEN_3="a-wrong-token")
    victim = eventually(
        lambda: [each for each in family(running, "--catalog") if killed in str(each.cmdline())],
        within=600,
    )
    victim[0].kill()
    output, _ = running.communicate()
    lines = {line["project"]: line for line in map(json.loads, output.splitlines())}
    assert running.returncode == 1
    assert {name for name, line in lines.items() if not line["ok"]} == {refused, down, killed}
    fleet.check(*(name for name, line in lines.items() if line["ok"]))

    (project.folder / "fleet.yml").write_text(there)
    fleet.sandboxes[killed].heal()
    code, lines = fleet.run(refused, down, killed, "--jobs", "3")
    assert code == 0, lines
    fleet.check(*names)
