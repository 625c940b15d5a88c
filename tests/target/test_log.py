"""log_path: a line for each operation. And rejects as a share, and records that may be applied."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.run import read_lines
from tests.support.target import record, schema

if TYPE_CHECKING:
    from pathlib import Path

KEYS = [
    *("run", "stream", "line", "key", "operation", "status", "reason", "attempts"),
    *("started_at", "finished_at"),
]
MESSAGE = {"from": {"type": "admin", "id": 3}, "to": {"email": "ada@x.org"}, "content": "Hello"}


def test_each_operation_has_a_line(target: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    target.config |= {"skip_unchanged": True, "snapshot_path": str(tmp_path / "s.db")}
    target.sandbox.reject("bad@x.org", reason="No")
    records = [
        {"email": "ada@x.org"},
        {"email": "bad@x.org"},
        {"email": "none"},
        {"email": "gone@x.org", "_operation": "update"},
    ]
    for keys in (False, True):
        target.apply("users", *records, log_path=str(path), log_keys=keys, max_rejects=-1)
    lines = read_lines(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(sorted(line) == sorted(KEYS) for line in lines)
    first, second = ([x for x in lines if x["run"] == run] for run in {x["run"] for x in lines})
    if first[0] is not lines[0]:
        first, second = second, first
    assert {(x["line"], x["status"], x["operation"]) for x in first} == {
        (2, "applied", "upsert"),
        (3, "rejected", "upsert"),
        (4, "rejected", "upsert"),
        (5, "skipped", "update"),
    }
    assert {(x["line"], x["status"], x["key"]) for x in second} == {
        (2, "unchanged", "ada@x.org"),
        (3, "rejected", "bad@x.org"),
        (4, "rejected", None),
        (5, "skipped", "gone@x.org"),
    }
    (applied,) = [x for x in first if x["status"] == "applied"]
    assert applied["key"] == hashlib.sha256(b"ada@x.org").hexdigest()
    assert applied["attempts"] == 1
    started, finished = (datetime.fromisoformat(applied[x]) for x in KEYS[-2:])
    assert started <= finished
    assert "No" in next(x["reason"] for x in first if x["line"] == 3)


def test_the_log_says_how_often_a_request_was_sent(target: Any, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    target.sandbox.fail("status", status=500, times=1, method="POST")
    target.apply("users", {"email": "ada@x.org"}, log_path=str(path))
    assert [line["attempts"] for line in read_lines(path)] == [2]


def test_a_log_that_cant_be_written_is_one_line(target: Any) -> None:
    run = target.apply("users", {"email": "ada@x.org"}, log_path="/no/such/folder/log.jsonl")
    assert (run.code, len(run.complaints)) == (1, 1)
    assert "log_path" in run.complaints[0]


@pytest.mark.parametrize(("percent", "code"), [(10, 0), (9, 1)])
def test_rejects_as_a_share_of_a_streams_records(target: Any, percent: int, code: int) -> None:
    people = [{"email": f"p{number}@x.org"} for number in range(9)]
    run = target.apply("users", *people, {"email": "none"}, max_rejects_percent=percent)
    assert run.code == code


def test_what_may_have_been_applied_is_not_repeated_unasked(target: Any, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    target.sandbox.upsert("users", {"email": "ada@x.org"})
    target.sandbox.fail("reset_after", path="messages", times=1)
    target.apply("messages", MESSAGE, rejects_path=str(path))
    (line,) = read_lines(path)
    assert "may have been applied" in line["reason"]
    fed_back = json.dumps(line) + "\n"
    run = target.run(fed_back)
    assert run.code == 1
    assert [reject["reason"] for reject in run.rejects] == [line["reason"]]
    assert len(target.sandbox.state()["messages"]) == 1
    assert target.run(fed_back, repeat_unclear=True).code == 0
    assert len(target.sandbox.state()["messages"]) == 2


def test_what_was_refused_is_repeated(target: Any, tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    target.sandbox.reject("ada@x.org", reason="No")
    target.apply("users", {"email": "ada@x.org"}, rejects_path=str(path))
    target.sandbox.heal()
    assert target.run(path.read_text()).code == 0


def test_a_reject_says_file_and_row(target: Any) -> None:
    cells = {"email": "none", "_sdc_source_file": "leads.csv", "_sdc_source_lineno": 7}
    (reject,) = target.run([schema("leads"), record("leads", **cells)]).rejects
    assert (reject["file"], reject["row"]) == ("leads.csv", 7)
