"""mirror: who left a stream is deleted, once the stream is complete, and never too many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.target import record, schema, state

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = [f"p{number}@x.org" for number in range(20)]
VERSION = {"type": "ACTIVATE_VERSION", "stream": "people", "version": 1}


@pytest.fixture
def mirroring(target: Any, tmp_path: Path) -> Any:
    target.config |= {
        "streams": {"people": {"resource": "users", "mirror": True}},
        "snapshot_path": str(tmp_path / "s.db"),
        "skip_unchanged": True,
    }
    return target


def messages(people: list[str], *end: Any, **more: Any) -> list[Any]:
    return [schema("people"), *(record("people", email=p, **more) for p in people), *end]


def run(target: Any, people: list[str], *end: Any, **config: Any) -> Any:
    return target.run(messages(people, *(end or (VERSION, state(1)))), **config)


def present(target: Any) -> list[str]:
    return sorted(user["email"] for user in target.sandbox.contacts("users"))


def test_who_left_is_deleted_and_nobody_else(mirroring: Any) -> None:
    mirroring.sandbox.upsert("users", {"email": "stranger@x.org"})
    assert run(mirroring, PEOPLE).code == 0
    assert len(present(mirroring)) == 21
    again = run(mirroring, PEOPLE[:-3])
    assert again.code == 0, again.stderr
    assert present(mirroring) == sorted(["stranger@x.org", *PEOPLE[:-3]])
    assert [method for method, _ in mirroring.writes()].count("DELETE") == 3
    before = len(mirroring.writes())
    assert run(mirroring, PEOPLE[:-3]).code == 0
    assert len(mirroring.writes()) == before


@pytest.mark.parametrize("end", [(VERSION,), (VERSION, state(1)), (state(1),)])
def test_a_stream_is_complete_by_its_version_or_a_state_at_the_end(
    mirroring: Any, end: Any
) -> None:
    run(mirroring, PEOPLE)
    run(mirroring, PEOPLE[:-1], *end)
    assert present(mirroring) == sorted(PEOPLE[:-1])


@pytest.mark.parametrize(
    "end",
    [
        (record("people", email=PEOPLE[0]),),
        (VERSION, record("people", email=PEOPLE[0])),
        (state({"currently_syncing": "people"}),),
        (state(1), record("people", name="who?", email="?"), VERSION),
    ],
)
def test_a_stream_that_may_be_cut_short_deletes_nobody(mirroring: Any, end: Any) -> None:
    run(mirroring, PEOPLE)
    run(mirroring, PEOPLE[:-1], *end, max_rejects=-1)
    assert present(mirroring) == sorted(PEOPLE)


def test_an_incremental_stream_deletes_nobody(mirroring: Any) -> None:
    run(mirroring, PEOPLE)
    first, *rest = messages(PEOPLE[:-1], state(1))
    mirroring.run([{**first, "bookmark_properties": ["at"]}, *rest])
    assert present(mirroring) == sorted(PEOPLE)


def test_neither_a_first_run_nor_one_after_a_failed_one_deletes(mirroring: Any) -> None:
    for person in PEOPLE:
        mirroring.sandbox.upsert("users", {"email": person})
    run(mirroring, PEOPLE[:-1])
    assert present(mirroring) == sorted(PEOPLE)
    run(mirroring, PEOPLE)
    failed = mirroring.run([*messages(PEOPLE[2:4], name="New"), "oops"])
    assert failed.code == 1
    run(mirroring, PEOPLE[:-2])
    assert PEOPLE[-2] in present(mirroring)
    run(mirroring, PEOPLE[:-2])
    assert PEOPLE[-2] not in present(mirroring)


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "max_deletes_percent (20)"),
        ({"max_deletes_percent": 24}, "max_deletes_percent (24)"),
        ({"max_deletes_percent": 100, "max_deletes": 4}, "max_deletes (4)"),
    ],
)
def test_too_many_are_never_deleted(mirroring: Any, config: Any, says: str) -> None:
    run(mirroring, PEOPLE)
    stopped = run(mirroring, PEOPLE[:-5], **config)
    assert stopped.code == 1
    assert len([line for line in stopped.complaints if says in line]) == 1
    assert present(mirroring) == sorted(PEOPLE)
    assert run(mirroring, PEOPLE[:-5], max_deletes_percent=25).code == 0
    assert present(mirroring) == sorted(PEOPLE[:-5])


def test_who_is_in_another_stream_stays(mirroring: Any) -> None:
    streams = {"streams": {"*": {"resource": "users", "mirror": True}}}
    both = [schema("a"), schema("b")]
    both += [record("a", email=p) for p in PEOPLE] + [record("b", email=PEOPLE[-1])]
    ends = [{**VERSION, "stream": "a"}, {**VERSION, "stream": "b"}, state(1)]
    assert mirroring.run([*both, *ends], **streams).code == 0
    less = [line for line in both if line.get("record") != {"email": PEOPLE[-1]}]
    less += [record("b", email=PEOPLE[-1])]
    assert mirroring.run([*less, *ends], **streams).code == 0
    assert present(mirroring) == sorted(PEOPLE)


def test_a_churned_row_is_not_deleted_again_and_again(target: Any, tmp_path: Path) -> None:
    target.config |= {"skip_unchanged": True, "snapshot_path": str(tmp_path / "s.db")}
    churned = [{"email": PEOPLE[0], "_operation": "delete"}]
    churned += [{"user_id": "7", "_operation": "delete"}]
    assert target.apply("users", *churned).code == 0
    before = len(target.writes())
    again = target.apply("users", *churned, max_deletes=0)
    assert again.code == 0, again.stderr
    assert len(target.writes()) == before
    assert "0 applied, 2 unchanged" in again.stderr
    target.apply("users", {"email": PEOPLE[0], "user_id": "7"})
    assert target.apply("users", churned[1]).code == 0
    assert target.sandbox.contacts("users") == []


def test_deletes_as_a_share_of_what_the_snapshot_holds(target: Any, tmp_path: Path) -> None:
    target.config |= {"max_deletes_percent": 10, "snapshot_path": str(tmp_path / "s.db")}
    target.apply("users", *({"email": person} for person in PEOPLE))
    gone = [{"email": person, "_operation": "delete"} for person in PEOPLE[:3]]
    stopped = target.apply("users", *gone)
    assert stopped.code == 1
    assert "delete number 3" in stopped.complaints[-1]
    assert len(target.sandbox.contacts("users")) == 18
