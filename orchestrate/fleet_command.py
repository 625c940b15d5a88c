"""`customerly fleet`, as Dagster and Airflow call it: each in an environment of its own."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(os.environ.get("MELTANO_PROJECT_ROOT") or Path(__file__).parents[1])
BIN = Path(os.environ.get("CUSTOMERLY_BIN") or ROOT / ".venv" / "bin")
AT_ONCE = 12  # projects; the API limits each by its own token
# What passes by itself is tried again; a refused token or password waits for a person.
PASSING = re.compile(
    r"(?is)(?!.*(token|authentication|certificate))"
    r".*(tries|connection|timed? ?out|ended by|under way|429|50[234])"
)


def declared(field: str) -> dict[str, Any]:
    """What `fleet.yml` says of each project."""
    return {row["project"]: row[field] for row in _lines(_fleet("list", "--json"))}


def status() -> dict[str, dict[str, Any]]:
    """How the last run of each project ended."""
    return {row["project"]: row for row in _lines(_fleet("status", "--json"))}


def run(name: str, job: str) -> dict[str, Any]:
    """Run a job of a project: its line, and in `passing` whether to try again what failed."""
    done = _fleet("run", name, "--job", job)
    result = json.loads(done.stdout or "{}") or {"ok": False, "message": done.stderr.strip()}
    return result | {"passing": not result["ok"] and bool(PASSING.match(result["message"]))}


def _fleet(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "customerly"), "fleet", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def _lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    if done.returncode:
        raise RuntimeError(done.stderr.strip())
    return [json.loads(line) for line in done.stdout.splitlines()]
