"""The packages agree: one version, one licence, one home, and what an index shows of each."""

from __future__ import annotations

import re
import shutil
import tomllib

import publishing_docs
import pytest
from packaging.requirements import Requirement

from tests.docs.pages import ROOT, tracked

PACKAGES = {
    path.parent.name: tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    for path in tracked("*/pyproject.toml")
    if path.parent.parent == ROOT  # not what one plugin of Meltano's is made of
}
VERSION = publishing_docs.read_publishing().version


def requirements(project):
    """All that a package depends on, its extras too."""
    extras = project.get("optional-dependencies", {}).values()
    return map(Requirement, [*project["dependencies"], *(each for many in extras for each in many)])


@pytest.fixture(params=PACKAGES)
def package(request):
    return request.param


def test_its_folder_and_its_distribution_are_named_alike(package):
    assert PACKAGES[package]["name"] == package


def test_it_has_the_one_version(package):
    assert PACKAGES[package]["version"] == VERSION


def test_it_takes_its_siblings_at_that_version_and_not_at_the_next_minor_one(package):
    siblings = [each for each in requirements(PACKAGES[package]) if each.name in PACKAGES]
    major, minor, *_ = map(int, VERSION.split("."))
    for each in siblings:
        assert each.specifier.contains(VERSION), each
        assert not each.specifier.contains(f"{major}.{minor + 1}.0"), each


def test_it_carries_the_licence_of_the_repository(package):
    assert PACKAGES[package]["license"] == "MIT"
    own = (ROOT / package / "LICENSE").read_text(encoding="utf-8")
    assert own == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_it_says_where_it_lives_and_where_it_runs(package):
    project = PACKAGES[package]
    home = publishing_docs.read_publishing().repository
    assert project["urls"]["Repository"] == home
    assert all(url.startswith(home) for url in project["urls"].values())
    assert project["authors"]
    assert project["keywords"]
    assert project["requires-python"] == ">=3.11"
    said = set(project["classifiers"])
    assert {"Operating System :: POSIX :: Linux", "Operating System :: MacOS"} <= said
    versions = {f"Programming Language :: Python :: 3.{minor}" for minor in (11, 12, 13)}
    assert versions <= said


def test_it_can_be_run_as_a_module_and_is_typed(package):
    (source,) = (path for path in (ROOT / package / "src").iterdir() if path.is_dir())
    assert (source / "py.typed").is_file()
    assert (source / "__main__.py").is_file()


def test_the_changelog_knows_the_version_or_says_that_it_is_to_come():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert "## [Unreleased]" in text or f"## [{VERSION}]" in text


def test_what_follows_from_publishing_is_up_to_date():
    assert publishing_docs.main(check=True) == 0


def test_a_fork_and_a_release_change_one_file(tmp_path, capsys):
    for path, _ in publishing_docs.documents():
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    text = (ROOT / "publishing.toml").read_text(encoding="utf-8")
    old = publishing_docs.read_publishing()
    changed = text.replace(old.version, "3.14.1").replace(old.repository, "https://git.example/a/b")
    (tmp_path / "publishing.toml").write_text(
        changed.replace(old.authors, "Ada").replace(f"@{old.owner}/", "@a/"), encoding="utf-8"
    )
    assert publishing_docs.main(check=True, root=tmp_path) == 1
    stale = capsys.readouterr().err.splitlines()
    assert publishing_docs.main(check=False, root=tmp_path) == 0
    assert publishing_docs.main(check=True, root=tmp_path) == 0
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(stale) == len(written) - 1
    whole = "".join(path.read_text(encoding="utf-8") for path in written)
    assert not re.search(f"{old.repository}|{old.authors}|@{old.owner}", whole)
    project = tomllib.loads((tmp_path / "customerly" / "pyproject.toml").read_text())["project"]
    assert project["version"] == "3.14.1"
    assert project["optional-dependencies"]["sandbox"] == ["customerly-sandbox>=3.14,<3.15"]
