"""What is declared of a setting is said everywhere, and through Meltano too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pipelines import ROOT, settings
from settings_docs import CONNECTORS, documents, meltano_entry, settings_of

MELTANO = Path(sys.executable).parent / "meltano"


@pytest.mark.parametrize(
    ("path", "text"), list(documents()), ids=lambda each: getattr(each, "name", "")
)
def test_what_follows_from_the_declarations_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text() == text, "run `make docs`"


@pytest.mark.parametrize("connector", CONNECTORS)
def test_each_setting_has_a_row_a_variable_and_an_entry(connector) -> None:
    own = settings_of(connector)["own"]
    readme = (ROOT / connector.name / "README.md").read_text()
    variables = (ROOT / ".env.example").read_text()
    prefix = connector.name.replace("-", "_").upper()
    for name in own:
        assert f"| `{name}` |" in readme
        assert f"\n# {prefix}_{name.upper()}=" in variables


def test_meltano_reads_no_setting_by_its_kind() -> None:
    """It would do so before the connector, and end in a traceback where a variable is empty."""
    for connector in CONNECTORS:
        for name, schema in settings_of(connector)["own"].items():
            assert "kind" not in meltano_entry(name, schema)


def test_uncommenting_every_line_of_the_example_breaks_no_run(project, sandbox) -> None:
    example = (ROOT / ".env.example").read_text().splitlines()
    lines = [
        line.removeprefix("# ") for line in example if line.startswith(("# TAP_", "# TARGET_"))
    ]
    assert len(lines) > 20
    (project.folder / ".env").write_text("\n".join(lines))
    env = settings(sandbox.url, project.warehouse, project.folder)
    env = {name: value for name, value in env.items() if not name.endswith("_API_URL")}
    env |= {"CUSTOMERLY_API_URL": sandbox.url, "CUSTOMERLY_ACCESS_TOKEN": "sandbox-token"}
    for plugin, more in (("tap-customerly", ["--discover"]), ("target-customerly", ["--about"])):
        done = subprocess.run(
            [MELTANO, "--environment=sandbox", "invoke", "--no-install", plugin, *more],
            cwd=project.folder,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + os.linesep + done.stdout
