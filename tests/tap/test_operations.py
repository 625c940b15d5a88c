"""The stream over the log that target-customerly keeps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.run import read_lines
from tests.support.tap import run_tap, selecting
from tests.support.target import record, run_target, schema

STREAM = "operations"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.jsonl"


def read(log, state=None, **changes):
    config = {"access_token": "unused", "operation_log": str(log)}
    catalog = selecting(STREAM, config=config, **changes)
    run = run_tap(config, catalog=catalog, state=state)
    assert run.code == 0, run.stderr
    return run


def lines(*minutes, **fields):
    """Lines of a log, each of an operation that ended so many minutes after noon."""
    said = {
        "run": "one",
        "stream": "leads",
        "line": 2,
        "key": None,
        "operation": "upsert",
        "status": "applied",
        "reason": None,
        "attempts": 1,
        "started_at": NOON.isoformat(timespec="microseconds"),
    }
    ends = [(NOON + timedelta(minutes=each)).isoformat(timespec="microseconds") for each in minutes]
    return "".join(json.dumps({**said, "finished_at": end, **fields}) + "\n" for end in ends)


def ends(run):
    """After how many minutes each operation that was read had ended."""
    moments = [datetime.fromisoformat(r["finished_at"]) for r in run.records(STREAM)]
    return [(moment - NOON) / timedelta(minutes=1) for moment in moments]


def test_each_line_that_the_target_wrote_is_a_record(api_settings, log):
    people = [record("leads", email=email) for email in ("ada@x.org", "none", "ada@x.org")]
    run_target({**api_settings, "log_path": str(log)}, [schema("leads"), *people])
    run = read(log)
    written = read_lines(log)
    assert len(written) == len(people)
    for wrote, found in zip(written, run.records(STREAM), strict=True):
        for name in ("run", "stream", "line", "key", "operation", "status", "reason", "attempts"):
            assert found[name] == wrote[name]
        for name in ("started_at", "finished_at"):
            assert datetime.fromisoformat(found[name]) == datetime.fromisoformat(wrote[name])
    assert len({each["operation_id"] for each in run.records(STREAM)}) == len(people)


def test_a_later_run_reads_what_ended_since(log):
    log.write_text(lines(0, 10, 20))
    first = read(log)
    assert ends(first) == [0, 10, 20]
    with log.open("a") as more:
        more.write(lines(19.5, 30))  # two runs at once: one's line can come after its time
    second = read(log, first.state)
    assert ends(second) == [20, 19.5, 30]
    assert ends(read(log, second.state)) == [30]
    assert ends(read(log, second.state, replication_method="FULL_TABLE")) == [0, 10, 20, 19.5, 30]


def test_a_log_that_was_rotated_is_read_on(log):
    log.write_text(lines(*range(5)))
    first = read(log)
    log.write_text(lines(60, 61, 62, 63, 64, 65))
    assert ends(read(log, first.state)) == [60, 61, 62, 63, 64, 65]


def test_the_same_line_is_the_same_record_and_no_other_line_is(log):
    log.write_text(lines(0) + lines(0, run="two") + lines(0, key="x") + lines(0))
    ids = [each["operation_id"] for each in read(log).records(STREAM)]
    assert len(set(ids)) == 3
    assert ids[0] == ids[3]


def test_half_a_line_is_left_out_and_counted(log):
    log.write_text(lines(0) + '{"run": "one", "fin' + "\n[]\nnull\n" + lines(1)[:-40])
    run = read(log)
    assert ends(run) == [0]
    assert any(f"4 lines of {log}" in line for line in run.complaints)


def test_more_lines_than_one_batch_move_the_bookmark_to_the_last_end(log):
    log.write_text(lines(*range(2500)))
    run = read(log)
    assert len(run.records(STREAM)) == 2500
    last = run.state["bookmarks"][STREAM]["replication_key_value"]
    assert datetime.fromisoformat(last) == NOON + timedelta(minutes=2499)


def test_a_log_that_is_not_there_yet_is_said_and_no_failure(log):
    run = read(log)
    assert run.records(STREAM) == []
    assert any("log_path" in line for line in run.complaints)
