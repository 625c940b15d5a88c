"""`make demo` and `make up`, as a newcomer runs them, in a copy of the project."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys

import psycopg
import pytest
import requests
from pipelines import BIN, ROOT
from postgres import forget

from tests.support.waiting import eventually

COPIED = ("demo", "transform", "meltano.yml", "logging.yaml")


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project, with the plugins that are installed, and nobody else's settings."""
    folder = tmp_path / "project"
    (folder / ".meltano").mkdir(parents=True)
    for name in COPIED:
        source, copy = ROOT / name, folder / name
        shutil.copytree(source, copy) if source.is_dir() else shutil.copy(source, copy)
    for kind in ("extractors", "loaders", "utilities"):
        (folder / ".meltano" / kind).symlink_to(ROOT / ".meltano" / kind)
    (folder / ".venv").symlink_to(BIN.parent)
    yield folder
    for services in (".demo", ".services"):
        forget(folder / services / "postgres")


def environment():
    own = ("CUSTOMERLY_", "TAP_", "TARGET_", "MELTANO_", "IMPORT_")
    return {name: value for name, value in os.environ.items() if not name.startswith(own)}


def demo(checkout, *parts):
    """What a run of the demo printed, each line as its columns."""
    done = subprocess.run(
        [sys.executable, "demo/demo.py", *parts],
        cwd=checkout,
        env={**environment(), "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return [re.split(r"\s{2,}", line.strip()) for line in done.stdout.splitlines()]


def test_the_demo_shows_what_an_import_did(checkout):
    shown = demo(checkout, "load")
    assert ["200 leads became 205; what is new is green:"] in shown
    assert ["tariq@example.com", "Tariq Haddad", "webinar", "Haddad & Sons", "40"] in shown
    assert ["yui@example.com", "Yui Tanaka", "Zürich, webinar", "Tanaka Design", "5"] in shown
    (kept,) = [line for line in shown if line[0] == "10"]
    assert kept[1] == "noor@@example.com"


@pytest.mark.soak
def test_the_whole_demo_ends_with_answers_and_a_report(checkout):
    shown = demo(checkout)
    assert ["500", "200", "10"] in shown
    by_lifecycle = {row[0]: int(row[1]) for row in shown if len(row) == 3 and row[1].isdigit()}
    assert by_lifecycle["lead"] == 205
    assert by_lifecycle["user"] + by_lifecycle["converted"] == 500
    assert ["✓ the report, one page of pictures", ".demo/report.html"] in shown
    assert (checkout / ".demo" / "report.html").stat().st_size > 10_000


@pytest.fixture
def up(checkout):
    """`make up`, ready: its folder, and what it printed."""
    with subprocess.Popen(
        [sys.executable, "demo/up.py"],
        cwd=checkout,
        env={**environment(), "COLUMNS": "100", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        lines = []
        try:
            for line in process.stdout:
                lines.append(line.rstrip())
                if line.startswith("Ctrl-C"):
                    break
            yield checkout, lines
        finally:
            process.send_signal(signal.SIGINT)
            rest = process.stdout.read()
    assert process.returncode == 0, lines
    assert "what they hold is kept" in rest


def test_what_up_prints_works_as_it_stands(up):
    folder, lines = up
    said = {line.split()[2]: line.split()[-1] for line in lines if line.startswith("✓")}
    page = said["page"].removesuffix("ui")
    assert requests.get(f"{page}ui", timeout=10).status_code == 200
    commands = [line.strip() for line in lines if line.startswith("  ")]
    assert commands[1] == "export CUSTOMERLY_ACCESS_TOKEN=sandbox-token"
    assert commands[2] == f"export CUSTOMERLY_API_URL={said['sandbox']}"
    # Plugins are not installed anew for the copy.
    *well, last = (line.replace("meltano run", "meltano run --no-install") for line in commands)
    done = subprocess.run(
        ["bash", "-ec", "\n".join([*well, "echo all went well", last])],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert "all went well" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1  # a row of the file is wrong on purpose
    kept = (folder / "demo" / "leads.csv.rejects.csv").read_text(encoding="utf-8-sig")
    assert "noor@@example.com" in kept
    assert requests.get(page, timeout=10).json()["leads"] == 205
    with psycopg.connect(said["warehouse"]) as connection:
        (count,) = connection.execute("SELECT count(*) FROM customerly.users").fetchone()
    assert count == 500
    state = folder / ".services" / "sandbox.json"
    eventually(state.exists)
