"""The rejects file: its lines, its mode, its durability, and feeding it back."""

from __future__ import annotations

import json
import resource
import stat
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from customerly.errors import CustomerlyError
from target_customerly.ledger.rejects import Rejects
from target_customerly.operations import Origin

from tests.support.run import read_lines
from tests.support.target import record, run_command, schema, state

KEYS = ["stream", "operation", "record", "reason", "status", "line", "attempts", "at"]
BAD = {"email": "nobody", "name": "Ada"}


def test_a_line_says_all(target: Any, tmp_path: Path) -> None:
    target.sandbox.reject("bob@x.org", reason="Bob is not welcome")
    path = tmp_path / "new.jsonl"
    run = target.apply("leads", BAD, {"email": "bob@x.org", "n": 1.0}, rejects_path=str(path))
    assert run.code == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first, second = read_lines(path)
    assert list(first)[:8] == KEYS
    assert (first["stream"], first["operation"], first["line"]) == ("leads", "upsert", 2)
    assert (first["record"], first["status"], first["attempts"]) == (BAD, None, 0)
    assert "email" in first["reason"]
    assert (second["record"], second["status"], second["attempts"]) == (
        {"email": "bob@x.org", "n": 1.0},
        200,
        1,
    )
    assert "Bob is not welcome" in second["reason"]
    assert datetime.fromisoformat(first["at"]).utcoffset() is not None
    assert "nobody" not in run.stderr
    assert str(path) in run.stderr
    target.apply("leads", BAD, rejects_path=str(path))
    assert len(read_lines(path)) == 3


def test_without_rejects_there_is_no_file(target: Any, tmp_path: Path) -> None:
    path = tmp_path / "none.jsonl"
    assert target.apply("leads", {"email": "a@x.org"}, rejects_path=str(path)).code == 0
    assert not path.exists()


def test_the_record_is_kept_as_it_came_also_after_a_stream_map(target: Any) -> None:
    run = target.apply(
        "people",
        {"mail": "nobody", "x": [1, {"y": None}]},
        streams={"people": {"resource": "leads"}},
        stream_maps={"people": {"email": "mail", "__else__": None}},
    )
    assert [r["record"] for r in run.rejects] == [{"mail": "nobody", "x": [1, {"y": None}]}]


def test_a_torn_line_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "torn.jsonl"
    path.write_text('{"stream": "us')
    rejects = Rejects(path)
    rejects.add(Origin("users", 1, BAD), "upsert", "no")
    rejects.close()
    lines = path.read_text().splitlines()
    assert lines[0] == '{"stream": "us'
    assert json.loads(lines[1])["record"] == BAD


@pytest.mark.parametrize("name", ["/dev/full", "missing/rejects.jsonl", ".", "a\x00b"])
def test_a_file_that_takes_nothing_ends_the_run(target: Any, name: str, tmp_path: Path) -> None:
    path = name if name.startswith("/") else f"{tmp_path}/{name}"
    run = target.run(
        [
            schema("leads"),
            record("leads", email="a@x.org"),
            state(1),
            record("leads", **BAD),
            state(2),
            record("leads", email="b@x.org"),
        ],
        rejects_path=path,
    )
    assert (run.code, len(run.complaints)) == (1, 1), run.stderr
    assert "rejects_path" in run.complaints[0]
    assert run.states in ([], [1])


def test_a_full_disk_leaves_whole_lines_and_moves_no_state(target: Any, tmp_path: Path) -> None:
    path = tmp_path / "small.jsonl"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    bad = [record("leads", email=f"bad{i}", name="x" * 500) for i in range(40)]
    messages = [schema("leads")]
    for number, each in enumerate(bad):
        messages += [each, state(number)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        run = target.run(messages, rejects_path=str(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (run.code, len(run.complaints)) == (1, 1)
    kept = read_lines(path)
    assert 0 < len(kept) < 40
    assert all(value < len(kept) for value in run.states)


def test_a_broken_write_keeps_what_was_there(tmp_path: Path) -> None:
    with (
        closing(Rejects(Path("/dev/full"))) as rejects,
        pytest.raises(CustomerlyError, match="rejects_path"),
    ):
        rejects.add(Origin("users", 1, BAD), "upsert", "no")


def test_rejects_are_fed_back_when_the_cause_is_mended(
    target: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("config.json").write_text(
        json.dumps(
            {
                **target.config,
                "streams": {"people": {"resource": "leads", "mapping": {"mail": "email"}}},
            }
        )
    )
    target.sandbox.reject("a@x.org", "b@x.org")
    text = {"type": ["string", "null"]}
    properties = {"mail": text, "day": {"type": "string", "format": "date"}, "text": text}
    made = {"day": "2026-01-02", "text": "2026-01-02"}
    lines = [
        schema("people", properties),
        *(record("people", mail=f"{name}@x.org", **made) for name in "abc"),
        schema("tags"),
        record("tags", tag="vip", email="d@x.org"),
    ]
    text_in = "".join(json.dumps(line) + "\n" for line in lines)
    assert run_command("--config", "config.json", text=text_in).code == 1
    assert len(read_lines(Path("customerly-rejects.jsonl"))) == 3
    target.sandbox.heal()
    target.sandbox.reset(users=0, leads=0)
    target.sandbox.upsert("users", {"email": "d@x.org"})
    Path("customerly-rejects.jsonl").rename("retry.jsonl")
    run = run_command("--config", "config.json", "--input", "retry.jsonl")
    assert run.code == 0, run.stderr
    assert not Path("customerly-rejects.jsonl").exists()
    assert {lead["email"] for lead in target.sandbox.contacts("leads")} == {"a@x.org", "b@x.org"}
    assert target.tags("d@x.org") == ["vip"]
    assert target.of("leads", "a@x.org")["attributes"]["text"] == "2026-01-02"


def test_rejects_go_through_the_stream_maps_again(target: Any) -> None:
    config = {
        "streams": {"people": {"resource": "leads"}},
        "stream_maps": {"people": {"email": "mail", "mail": None}},
    }
    target.sandbox.reject("a@x.org")
    run = target.apply("people", {"mail": "a@x.org", "plan": "pro"}, **config)
    assert len(run.rejects) == 1
    target.sandbox.heal()
    target.sandbox.reset(users=0, leads=0)
    again = target.run("".join(json.dumps(line) + "\n" for line in run.rejects), **config)
    assert again.code == 0, again.stderr
    assert target.of("leads", "a@x.org")["attributes"] == {"plan": "pro"}
