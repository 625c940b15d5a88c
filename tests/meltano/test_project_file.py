"""`meltano.yml` is in Meltano's own layout, and what it declares reaches the plugins whole."""

from __future__ import annotations

import difflib
import json
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
import yaml
from meltano.core.yaml import dump, load
from pipelines import ROOT, settings

from tests.support.tap import run_tap

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox import Sandbox

    from tests.support.meltano import Project
    from tests.support.run import Json

PLUGIN = """\
name: target-jsonl
namespace: target_jsonl
variant: andyh1203
pip_url: target-jsonl
settings:
- name: destination_path
"""


def meltano(project: Project, *arguments: str) -> None:
    """Run a command of Meltano in a copy of the project."""
    env = settings("http://127.0.0.1:9/v1", "postgresql://127.0.0.1:9/x", project.folder)
    code, said = project.meltano("--no-environment", *arguments, env=env)
    assert code == 0, said


def changed(project: Project) -> list[str]:
    """The lines by which the copy of `meltano.yml` differs from ours."""
    ours, theirs = (
        (folder / "meltano.yml").read_text().splitlines() for folder in (ROOT, project.folder)
    )
    return [line for line in difflib.ndiff(ours, theirs) if line[0] in "+-"]


def test_meltano_would_write_the_file_as_it_is() -> None:
    assert dump(load(ROOT / "meltano.yml")) == (ROOT / "meltano.yml").read_text()


def test_a_setting_that_is_set_adds_its_own_lines_and_changes_no_other(project: Project) -> None:
    meltano(project, "config", "set", "tap-customerly", "page_size", "50")
    assert changed(project) == ["+     config:", "+       page_size: '50'"]


def test_a_plugin_that_is_added_without_the_hub_adds_its_own_lines(project: Project) -> None:
    (project.folder / "target-jsonl.yml").write_text(PLUGIN)
    options = ("--plugin-type=loader", "--from-ref=target-jsonl.yml", "--no-install")
    meltano(project, "add", *options, "target-jsonl")
    assert [line[0] for line in changed(project)] == ["+"] * 6


def test_names_with_dots_stay_whole_on_their_way_through_meltano(
    configuration: Callable[..., Json],
) -> None:
    streams = {"leads": {"mapping": {"person.name": "name"}}}
    text = json.dumps(streams)
    given = configuration("target-customerly", TARGET_CUSTOMERLY_STREAMS=text)
    assert json.loads(given["streams"]) == streams


@pytest.mark.parametrize("plugin", ["tap-customerly", "target-customerly"])
def test_no_empty_variable_ends_a_run(configuration: Callable[..., Json], plugin: str) -> None:
    # Each line of the example that says nothing behind `=`, as if somebody took away its `#`.
    prefix = plugin.upper().replace("-", "_")
    names = re.findall(rf"^# ({prefix}_\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert len(names) > 10
    given = configuration(plugin, **dict.fromkeys(names, ""))
    declared = yaml.safe_load((ROOT / "meltano.yml").read_text())["plugins"]
    (found,) = (each for kind in declared.values() for each in kind if each["name"] == plugin)
    assert {given[name.removeprefix(f"{prefix}_").lower()] for name in names} == {""}
    assert {setting["name"] for setting in found["settings"]} >= given.keys()


def test_the_documented_variable_says_where_deliveries_are_read(
    project: Project, configuration: Callable[..., Json]
) -> None:
    plugin = "tap-customerly--webhooks"
    elsewhere = configuration(plugin, TAP_CUSTOMERLY_WEBHOOK_SPOOL="/elsewhere")
    assert elsewhere["webhook_spool"] == "/elsewhere"
    assert configuration(plugin)["webhook_spool"] == str(project.folder / "spool")


@pytest.mark.parametrize(
    "name",
    [
        *("secret.txt", ".env", "customerly-rejects.jsonl", "retry.jsonl", "state.jsonl"),
        *("leads.csv", "leads.csv.rejects.csv", "catalog.json", "config.json", "facts.json"),
        *("contact-files-bad-rows.jsonl", "customerly-snapshot.db-wal", "discovery.log"),
        *("spool/000001.jsonl", ".meltano/fleet/acme/meltano.db"),
    ],
)
def test_what_the_docs_tell_to_write_is_ignored_by_git(name: str) -> None:
    ignored = subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False)
    assert ignored.returncode == 0


def test_a_property_that_a_stream_map_drops_never_leaves_the_tap(
    project: Project, sandbox: Sandbox, configuration: Callable[..., Json]
) -> None:
    # Meltano prunes a null out of its settings: `__NULL__` is what gets through.
    path = project.folder / "meltano.yml"
    declared = load(path)
    (tap,) = (
        each for each in declared["plugins"]["extractors"] if each["name"] == "tap-customerly"
    )
    tap["config"] = {"stream_maps": {"users": {"email": "__NULL__"}}}
    path.write_text(dump(declared) or "")
    run = run_tap({**configuration("tap-customerly"), **sandbox.config})
    assert run.records("users")
    assert not any("email" in record for record in run.records("users"))
    with_address = [s for s in run.streams if "email" in run.schema(s)["properties"]]
    assert with_address == ["leads"]
