"""What `make dist` builds is the same each time, and says of itself what `publishing.toml` says."""

from __future__ import annotations

import subprocess
import zipfile
from email import message_from_bytes

import build_packages
import pytest
from publishing_docs import read_publishing

from tests.docs.pages import ROOT


def test_two_builds_of_a_package_are_the_same_and_its_metadata_is_what_was_published(tmp_path):
    built = build_packages.build(tmp_path / "one", ["customerly-sandbox"])
    assert build_packages.build(tmp_path / "two", ["customerly-sandbox"]) == built
    (name,) = (name for name in built if name.endswith(".whl"))
    with zipfile.ZipFile(tmp_path / "one" / name) as wheel:
        (path,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
        said = message_from_bytes(wheel.read(path))
        assert any(each.endswith("/licenses/LICENSE") for each in wheel.namelist())
    publishing = read_publishing()
    assert said["Version"] == publishing.version
    assert f"Repository, {publishing.repository}" in said.get_all("Project-URL")
    assert said["Description-Content-Type"] == "text/markdown"
    readme = (ROOT / "customerly-sandbox" / "README.md").read_text(encoding="utf-8")
    assert said.get_payload(decode=True).decode().strip() == readme.strip()


@pytest.mark.soak
def test_the_packages_install_and_run_by_themselves():
    done = subprocess.run(["make", "dist"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (ROOT / "dist" / "sbom.cdx.json").is_file()
