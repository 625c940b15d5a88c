"""The folder of a project: a lock that outlives nobody, and results that outlast a full disk."""

from __future__ import annotations

import subprocess
import sys

import pytest
from customerly.errors import CustomerlyError
from customerly.fleet.run_log import RunLog
from customerly.fleet.workspace import ProjectIsRunningError, RunResult, Workspace


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "extractors").mkdir()
    workspace = Workspace(tmp_path, "acme")
    workspace.prepare()
    return workspace


def test_the_folder_is_for_its_owner_alone_and_shares_the_plugins(workspace, tmp_path):
    workspace.prepare()
    assert workspace.folder.stat().st_mode & 0o777 == 0o700
    assert (workspace.folder / "extractors").resolve() == tmp_path / "extractors"


def test_without_plugins_there_is_nothing_to_run(tmp_path):
    with pytest.raises(CustomerlyError, match="make install"):
        Workspace(tmp_path, "acme").prepare()


def test_a_second_run_is_kept_away_until_the_first_has_ended(workspace):
    assert not workspace.is_running
    with workspace.locked():
        assert workspace.is_running
        with pytest.raises(ProjectIsRunningError), workspace.locked():
            pass
    assert not workspace.is_running


def test_a_process_that_inherits_the_lock_holds_it(workspace):
    with workspace.locked() as lock:
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=(lock,)
        )
    assert workspace.is_running
    child.kill()
    child.communicate()
    assert not workspace.is_running


def test_what_a_killed_run_left_is_removed(workspace):
    left = workspace.folder / "run" / "tap-customerly" / "tap.0.config.json"
    left.parent.mkdir(parents=True)
    left.write_text('{"access_token": "secret"}')
    workspace.clear()
    assert not left.exists()
    assert not left.parent.exists()


def test_the_last_result_of_each_job_is_found_behind_a_line_that_was_cut_off(workspace):
    for job, ok in (("extract", False), ("extract-full", True), ("extract", True)):
        result = RunResult(project="acme", job=job, ok=ok)
        workspace.keep(result, "2026-11-27T12:00:00+00:00", {"tags": 2})
    with (workspace.folder / "results.jsonl").open("ab") as file:
        file.write(b'{"project": "ac')
    found = workspace.last_results()
    assert list(found) == ["extract-full", "extract"]
    assert found["extract"].ok
    assert found["extract"].ended_at == "2026-11-27T12:00:00+00:00"
    assert found["extract"].rejects == {"tags": 2}


STREAM = (
    b'{"event": "users: %b records, 12 requests, 3.4 s", "level": "info", "producer": %b,'
    b' "stdio": "stderr"}'
)


def test_a_log_adds_up_what_the_extractor_says_of_its_streams():
    log = RunLog()
    log.add(STREAM % (b"1,200", b"true"))
    log.add((STREAM % (b"7", b"true")).replace(b"users", b"leads"))
    log.add(STREAM % (b"1,200", b"false"))
    log.add(b"not json")
    log.add(b"[]")
    assert log.records == {"users": 1200, "leads": 7}
    assert log.requests == 24
    assert log.error == ""


def test_a_log_adds_up_what_was_left_out_and_what_was_rejected():
    log = RunLog()
    log.add(
        b'{"event": "1,002 records without name, or with one of more than 2,704 bytes, were left'
        b' out: nothing that is missing is taken for gone", "producer": true,'
        b' "level": "warning", "stdio": "stderr", "plugin_logger": "tap-customerly.tags"}'
    )
    target = (
        b'{"event": "leads: 2 applied, 0 unchanged, 0 skipped, 0 blank, 1 rejected, 3 requests",'
        b' "producer": false, "level": "info", "stdio": "stderr"}'
    )
    log.add(target)
    log.add(target.replace(b"leads", b"users").replace(b"1 rejected", b"0 rejected"))
    assert log.rejects == {"tags": 1002, "leads": 1}
    assert log.requests == 0


def test_the_first_complaint_of_a_connector_explains_a_failure():
    log = RunLog()
    log.add(b'{"event": "Cannot start", "level": "error"}')
    log.add(b'{"event": "refused\\n the token", "level": "error", "stdio": "stderr"}')
    log.add(b'{"event": "broken pipe", "level": "error", "stdio": "stderr"}')
    assert log.error == "refused the token"


def test_else_meltanos_own_complaint_does():
    log = RunLog()
    log.add(b'{"event": "Block run completed", "level": "error"}')
    log.add(b'{"event": "Extractor failed", "level": "error"}')
    assert log.error == "Extractor failed"
