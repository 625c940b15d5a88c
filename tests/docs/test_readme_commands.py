"""What the README tells a newcomer to type is run as it is written there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from tests.docs.pages import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = re.compile(r"`((?:cp|\.|make|meltano|customerly) [^`…]+)`|^    (\S.+)$", re.MULTILINE)
TESTED_ELSEWHERE = {"make demo", "make up", "meltano run extract"}
"""By tests/demo and tests/meltano, which take their output apart."""


def commands(title):
    """The commands of a section, in their order."""
    text = README.partition(f"## {title}\n")[2].partition("\n## ")[0]
    text = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    return [code or block for code, block in COMMAND.findall(text)]


@pytest.fixture
def type_in(project, sandbox):
    """Types lines into a shell in a fresh checkout, whose services are there."""
    shutil.copy(ROOT / ".env.example", project.folder)
    (project.folder / ".venv").symlink_to(ROOT / ".venv")
    (project.folder / ".meltano" / "utilities").symlink_to(ROOT / ".meltano" / "utilities")
    own = ("CUSTOMERLY_", "MELTANO_", "TAP_", "TARGET_", "IMPORT_", "VIRTUAL_ENV")
    env = {name: value for name, value in os.environ.items() if not name.startswith(own)}

    def call(*lines):
        done = subprocess.run(
            ["bash", "-ec", "\n".join(lines)],
            cwd=project.folder,
            env={**env, "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return call


def fill_in(project, sandbox):
    """What a person writes into `.env`."""
    file = project.folder / ".env"
    text = file.read_text(encoding="utf-8")
    address = project.warehouse.replace("://", "+psycopg://")
    for name, value in {
        "CUSTOMERLY_ACCESS_TOKEN": sandbox.token,
        "CUSTOMERLY_API_URL": sandbox.url,
        "TARGET_POSTGRES_SQLALCHEMY_URL": address,
    }.items():
        text, count = re.subn(rf"(?m)^(# )?{name}=.*$", f"{name}={value}", text, count=1)
        assert count == 1, name
    file.write_text(text, encoding="utf-8")


def test_going_live(type_in, project, sandbox):
    copy, activate, doctor, extract = commands("Going live")
    assert extract in TESTED_ELSEWHERE
    type_in(copy)
    fill_in(project, sandbox)
    said = type_in(activate, doctor)
    assert "✗" not in said
    assert "✓ warehouse: lets us in" in said


def test_no_command_of_the_readme_goes_untested():
    known = {*commands("Going live"), *TESTED_ELSEWHERE}
    beside = {line for title in ("Try it",) for line in commands(title)}
    assert beside <= known
    assert all(command in README for command in TESTED_ELSEWHERE)
