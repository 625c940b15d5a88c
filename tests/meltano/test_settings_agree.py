"""What is declared of a setting is said everywhere, and through Meltano too."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from pipelines import ROOT
from settings_docs import CONNECTORS, documents, meltano_entry, settings_of
from target_customerly.target import TargetCustomerly

from tests.support.run import invoke
from tests.support.tap import run_tap

if TYPE_CHECKING:
    from pathlib import Path


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


def test_uncommenting_every_line_of_the_example_breaks_no_run(
    project, sandbox, configuration, tmp_path, monkeypatch
) -> None:
    example = (ROOT / ".env.example").read_text().splitlines()
    lines = [
        line.removeprefix("# ") for line in example if line.startswith(("# TAP_", "# TARGET_"))
    ]
    assert len(lines) > 20
    (project.folder / ".env").write_text("\n".join(lines))
    env = dict.fromkeys(f"{name}_CUSTOMERLY_API_URL" for name in ("TAP", "TARGET"))
    own = {"CUSTOMERLY_API_URL": sandbox.url, "CUSTOMERLY_ACCESS_TOKEN": "sandbox-token"}
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    env |= own
    config = configuration("tap-customerly", **env)
    assert config["page_size"]
    assert run_tap(config, "--discover").code == 0
    path = tmp_path / "target.json"
    path.write_text(json.dumps(configuration("target-customerly", **env)))
    run = invoke(lambda: TargetCustomerly.cli, "--config", str(path), "--about")
    assert run.code == 0, run.stderr
