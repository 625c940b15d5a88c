"""The rejects file: private, durable, exact, and fed straight back."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.support.run import read_lines
from tests.support.target import record, run_command, run_target, schema, state

DATE_TIME = {"type": ["null", "string"], "format": "date-time"}
KEYS = {"stream", "operation", "record", "reason", "status", "line", "attempts", "at"}


@pytest.fixture
def config(empty_sandbox, tmp_path):
    rejects = tmp_path / "rejects.jsonl"
    return {**empty_sandbox.config, "rejects_path": str(rejects), "max_rejects": -1}


def feed_back(config, tmp_path, text):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    return run_command("--config", str(path), text=text)


def test_a_reject_says_all_that_the_interface_promises(config):
    rejects = Path(config["rejects_path"])
    wire = [schema("leads"), record("leads", email="bad", x=1), record("leads", email="a@b.co")]
    run_target(config, wire)
    (reject,) = read_lines(rejects)
    assert reject.keys() == KEYS
    assert (reject["stream"], reject["operation"]) == ("leads", "upsert")
    assert (reject["record"], reject["line"]) == ({"email": "bad", "x": 1}, 2)
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    rejects.chmod(0o644)
    run_target(config, wire)
    assert len(read_lines(rejects)) == 2
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


def test_no_rejects_no_file(config):
    run_target(config, [schema("leads"), record("leads", email="a@b.co")])
    assert not Path(config["rejects_path"]).exists()


def test_rejects_are_fed_back_after_the_cause_is_mended(config, empty_sandbox, tmp_path):
    rejects = Path(config["rejects_path"])
    empty_sandbox.reject("ada@example.com", reason="blocked")
    fields = {"email": "ada@example.com", "at": "2026-01-02T03:04:05Z", "text": "2026-01-02"}
    properties = {"email": {"type": "string"}, "at": DATE_TIME, "text": {"type": "string"}}
    good = record("leads", email="lin@example.com")
    run_target(config, [schema("leads", properties), record("leads", **fields), good])
    text = rejects.read_text()
    rejects.unlink()
    empty_sandbox.heal()
    before = len(empty_sandbox.requests)
    run = feed_back(config, tmp_path, text)
    assert run.code == 0, run.stderr
    lead = empty_sandbox.find("leads", email="ada@example.com")
    assert lead["attributes"] == {"at": 1767323045, "text": "2026-01-02"}
    assert len(empty_sandbox.requests) - before == 1
    assert not rejects.exists()


def test_a_run_passes_over_the_rejects_that_it_writes_itself(config, tmp_path):
    rejects = Path(config["rejects_path"])
    run_target(config, [schema("leads"), record("leads", email="bad")])
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config))
    run = run_command("--config", str(path), "--input", str(rejects), text="")
    assert run.code == 0  # it has read what it appended meanwhile, too
    assert len(read_lines(rejects)) == 2


def test_a_reject_from_a_clock_that_goes_ahead_is_fed_back_all_the_same(config, tmp_path):
    rejects = Path(config["rejects_path"])
    run_target(config, [schema("leads"), record("leads", email="bad")])
    (old,) = read_lines(rejects)
    ahead = {**old, "at": "2999-01-01T00:00:00+00:00"}
    feed_back(config, tmp_path, json.dumps(old) + "\n" + json.dumps(ahead) + "\n")
    assert len(read_lines(rejects)) == 3


def test_a_full_disk_is_one_line_and_state_stays(config):
    messages = [schema("leads"), record("leads", email="ada@example.com"), state(1)]
    messages += [record("leads", email="bad"), state(2)]
    run = run_target({**config, "rejects_path": "/dev/full"}, messages)
    assert run.code == 1
    assert len(run.complaints) == 1
    assert "No space left" in run.complaints[0]
    assert 2 not in run.states


def test_a_folder_that_is_not_there_is_one_line(config, tmp_path):
    path = str(tmp_path / "none" / "rejects.jsonl")
    messages = [schema("leads"), record("leads", email="bad"), state(2)]
    run = run_target({**config, "rejects_path": path}, messages)
    assert (run.code, len(run.complaints), run.states) == (1, 1, [])
