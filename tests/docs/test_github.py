"""What GitHub reads is valid, and runs nothing that could change under the same name."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.docs.pages import ROOT, tracked

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [each for each in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml") if each.name != "config.yml"]
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)*")
REGISTRY = re.compile(
    r"(files\.pythonhosted|pypi)\.org|registry\.npmjs|--(extra-)?index-url|ghcr\.io"
)


def check(schema, *files):
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *files]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.github-workflows", WORKFLOWS),
        ("vendor.dependabot", [GITHUB / "dependabot.yml"]),
    ],
)
def test_it_fits_its_schema(schema, files):
    result = check(schema, *files)
    assert result.returncode == 0, result.stdout


def test_a_workflow_without_jobs_fits_no_schema(tmp_path):
    (tmp_path / "bad.yml").write_text("on: push\n", encoding="utf-8")
    assert check("vendor.github-workflows", tmp_path / "bad.yml").returncode == 1


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_pins_its_actions_and_asks_for_few_rights(workflow):
    text = workflow.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert [each for each in used if not PINNED.fullmatch(each)] == []
    jobs = yaml.safe_load(text)["jobs"].values()
    assert all("timeout-minutes" in job and "permissions" in job for job in jobs)
    for job in jobs:
        for step in job["steps"]:
            if "actions/checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_the_matrix_has_each_python_that_the_packages_name():
    jobs = yaml.safe_load((GITHUB / "workflows" / "test.yml").read_text(encoding="utf-8"))["jobs"]
    matrix = jobs["test"]["strategy"]["matrix"]
    project = tomllib.loads((ROOT / "customerly" / "pyproject.toml").read_text(encoding="utf-8"))
    named = [each.rpartition(" ")[2] for each in project["project"]["classifiers"]]
    assert matrix["python"] == [each for each in named if re.fullmatch(r"3\.\d+", each)]
    (early,) = (each for each in matrix["include"] if each["python"] == "3.14")
    assert early["experimental"]


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.name)
def test_an_issue_form_asks_for_something(form):
    content = yaml.safe_load(form.read_text(encoding="utf-8"))
    assert content["name"]
    assert content["description"]
    questions = [each for each in content["body"] if each["type"] != "markdown"]
    assert len({each["id"] for each in questions}) == len(questions) > 0
    assert all(each["attributes"]["label"] for each in questions)


def test_no_tracked_file_names_a_registry():
    naming = [
        path.relative_to(ROOT)
        for path in tracked()
        if path.suffix not in {".lock", ".xlsx", ".ods", ".xls"}
        and path.name != "test_github.py"
        and REGISTRY.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert naming == []


def test_zizmor_finds_nothing_in_a_workflow_that_could_be_abused():
    command = [str(Path(sys.executable).with_name("zizmor")), "--offline", "--no-progress"]
    result = subprocess.run(
        [*command, GITHUB / "workflows"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
