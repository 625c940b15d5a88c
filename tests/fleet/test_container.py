"""The Containerfile keeps the rules that a builder would not check."""

from __future__ import annotations

import os
import re
import subprocess

import pytest
from pipelines import ROOT

TEXT = (ROOT / "Containerfile").read_text()
STAGES = dict(re.findall(r"^FROM \S+ AS (\w+)\n(.*?)(?=^FROM |\Z)", TEXT, re.MULTILINE | re.DOTALL))


@pytest.mark.parametrize("stage", ["receiver", "pipelines"])
def test_an_image_runs_as_nobody_in_particular_and_keeps_what_it_writes_in_a_volume(stage):
    assert re.search(r"^USER 10001$", STAGES[stage], re.MULTILINE)
    assert "VOLUME" in STAGES[stage]
    # In the exec form a signal reaches the command, by way of tini.
    assert re.search(r'^CMD \["', STAGES[stage], re.MULTILINE)
    assert 'ENTRYPOINT ["tini"' in STAGES["base"]


def test_the_receivers_health_is_checked():
    assert "/healthz" in STAGES["receiver"]
    assert "HEALTHCHECK" in STAGES["receiver"]


def test_no_secret_and_no_state_of_this_machine_gets_into_an_image():
    ignored = (ROOT / ".containerignore").read_text().splitlines()
    assert {".env", "secret*", "fleet.yml", ".meltano", ".venv", "*.jsonl"} <= set(ignored)


def test_the_entry_point_links_the_plugins_into_an_empty_state_and_becomes_the_command(tmp_path):
    (tmp_path / "state").mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "MELTANO_SYS_DIR_ROOT": str(tmp_path / "state"),
        "MELTANO_PROJECT_ROOT": str(tmp_path),
    }
    command = [str(ROOT / "orchestrate" / "entrypoint"), "sh", "-c", "echo $$; exit 3"]
    for _ in range(2):  # and again on a state that is there
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        output, _ = process.communicate()
        assert (process.returncode, output) == (3, f"{process.pid}\n")
    linked = {path.name: path.readlink() for path in (tmp_path / "state").iterdir()}
    plugins = tmp_path / ".meltano"
    assert linked == {kind: plugins / kind for kind in ("extractors", "loaders", "utilities")}
