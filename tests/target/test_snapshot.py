"""skip_unchanged: what was accepted just so is not sent again; whatever could differ is."""

from __future__ import annotations

import random
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest
from customerly.connection import Connection
from target_customerly.ledger.database import Database
from target_customerly.ledger.snapshot import Snapshot
from target_customerly.operations import Keys, Operation, Origin
from target_customerly.ordering.keys import KeyMaker

from tests.support.target import record, schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ADA = {"email": "ada@x.org", "user_id": "7", "plan": "pro", "tags": ["vip"]}
LIN = {"email": "lin@x.org", "name": "Lin"}


@pytest.fixture
def skipping(target: Any, tmp_path: Path) -> Any:
    target.config |= {"skip_unchanged": True, "snapshot_path": str(tmp_path / "seen.db")}
    return target


@pytest.fixture
def open_snapshot(tmp_path: Path) -> Iterator[Callable[[], Snapshot]]:
    """Opens the snapshot of this test once more; closed at the end, as a kill would."""
    connection = Connection("token", "http://127.0.0.1:9/v1")
    with ExitStack() as opened:
        yield lambda: Snapshot(
            opened.enter_context(closing(Database(tmp_path / "s.db", connection))), "add"
        )


def run(target: Any, *records: Any, stream: str = "users", **config: Any) -> list[Any]:
    """The writes of a run."""
    before = len(target.writes())
    done = target.apply(stream, *records, **config)
    assert done.code == 0, done.stderr
    return target.writes()[before:]


def test_a_second_run_makes_no_write(skipping: Any, tmp_path: Path) -> None:
    messages = [
        schema("users"),
        record("users", **ADA),
        schema("leads"),
        record("leads", **LIN),
        schema("tags"),
        record("tags", name="vip"),
    ]
    assert skipping.run(messages).code == 0
    wrote = len(skipping.writes())
    again = skipping.run(messages)
    assert again.code == 0
    assert len(skipping.writes()) == wrote
    assert (
        "users: 0 applied, 1 unchanged, 0 skipped, 0 blank, 0 rejected, 0 requests" in again.stderr
    )
    content = (tmp_path / "seen.db").read_bytes()
    assert b"ada" not in content
    assert b"sandbox-token" not in content
    assert (tmp_path / "seen.db").stat().st_mode & 0o077 == 0


def test_a_change_and_a_change_back_are_sent(skipping: Any) -> None:
    assert run(skipping, ADA)
    assert run(skipping, {**ADA, "plan": "free"})
    assert run(skipping, ADA)
    assert not run(skipping, ADA)
    assert run(skipping, {**ADA, "plan": "free"}, ADA)
    assert skipping.of("users", "ada@x.org")["attributes"] == {"plan": "pro"}
    assert run(skipping, {**ADA, "tags": ["new"]})
    assert run(skipping, ADA, tags_mode="replace")


@pytest.mark.parametrize(
    ("stream", "change"),
    [
        ("users", {"email": "ADA@x.org", "_operation": "delete"}),
        ("users", {"user_id": "7", "_operation": "delete"}),
        ("users", {"email": "ada@x.org", "_operation": "unsubscribe"}),
        ("users", {"user_id": "7", "plan": "free"}),
        ("tags", {"tag": "new", "email": "ada@x.org"}),
        ("tags", {"tag": "vip", "email": "ada@x.org", "untag": True}),
        ("tags", {"tag": "vip", "user_id": "7", "untag": True}),
        ("tags", {"tag": "vip", "_operation": "delete"}),
        ("api_calls", {"method": "DELETE", "url": "/v1/users?email=ada@x.org"}),
    ],
)
def test_what_touches_a_contact_makes_it_forgotten(skipping: Any, stream: str, change: Any) -> None:
    assert run(skipping, ADA)
    assert not run(skipping, ADA)
    assert run(skipping, change, stream=stream)
    assert run(skipping, ADA)
    assert skipping.of("users", "ada@x.org")["attributes"] == {"plan": "pro"}
    assert "vip" in skipping.tags("ada@x.org")


def test_a_refused_contact_is_sent_again(skipping: Any) -> None:
    skipping.sandbox.reject("ada@x.org")
    assert skipping.apply("users", ADA).code == 1
    skipping.sandbox.heal()
    skipping.sandbox.reset(users=0, leads=0)
    assert run(skipping, ADA)


def test_deleting_the_file_is_safe(skipping: Any, tmp_path: Path) -> None:
    assert run(skipping, ADA)
    (tmp_path / "seen.db").unlink()
    assert run(skipping, ADA)
    assert not run(skipping, ADA)


def test_another_project_is_another_matter(skipping: Any, make_target: Any) -> None:
    assert run(skipping, ADA)
    other = make_target()
    other.config |= {name: skipping.config[name] for name in ("skip_unchanged", "snapshot_path")}
    assert run(other, ADA)
    assert not run(skipping, ADA)


def test_a_file_that_is_none_is_one_clear_line(skipping: Any, tmp_path: Path) -> None:
    (tmp_path / "seen.db").write_text("this is no database, " * 100)
    done = skipping.apply("users", ADA)
    assert (done.code, len(done.complaints)) == (1, 1)
    assert "snapshot" in done.complaints[0]
    done = skipping.apply("users", ADA, snapshot_path=str(tmp_path / "no" / "such.db"))
    assert (done.code, len(done.complaints)) == (1, 1)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_left_out_the_end_is_that_of_the_input(skipping: Any, seed: int) -> None:
    """Changes, changes back, deletes and tags of few contacts, so that nearly all conflict."""
    dice = random.Random(seed)
    ends: dict[str, Any] = {}
    for _ in range(3):
        lines = [schema("users"), schema("tags")]
        for _ in range(dice.randrange(1, 60)):
            email, what = f"p{dice.randrange(3)}@x.org", dice.random()
            if what < 0.8:
                ends[email] = dice.choice(["pro", "free"])
                lines.append(record("users", email=email, plan=ends[email]))
            elif what < 0.9:
                ends.pop(email, None)
                lines.append(record("users", email=email, _operation="delete"))
            elif email in ends:
                lines.append(record("tags", tag="vip", email=email))
        config = {"batch_size_rows": dice.choice([1, 2, 50]), "max_concurrency": 4}
        assert skipping.run(lines, **config).code == 0
        users = skipping.sandbox.state()["users"]
        assert {user["email"]: user["attributes"]["plan"] for user in users} == ends
    before = len(skipping.writes())
    again = [record("users", email=email, plan=plan) for email, plan in ends.items()]
    skipping.run([schema("users"), *again])
    skipping.run([schema("users"), *again])
    assert len(skipping.writes()) - before <= 1


def test_a_kill_between_forgetting_and_recording_sends_once_more(open_snapshot: Any) -> None:
    operation = Operation(
        Origin("users", 1, ADA),
        "upsert",
        "upsert",
        KeyMaker().upsert("ada@x.org", "7"),
        email="ada@x.org",
        user_id="7",
        body={"email": "ada@x.org"},
    )
    first = open_snapshot()
    first.record([operation])
    assert first.same([operation])[0]
    first.forget([operation])  # and the process is killed here: nothing is closed
    second = open_snapshot()
    assert not second.same([operation])[0]


def test_the_file_may_go_while_its_journal_stays(tmp_path: Path, open_snapshot: Any) -> None:
    operation = Operation(
        Origin("users", 1, ADA), "upsert", "upsert", Keys(), email="ada@x.org", body=dict(ADA)
    )
    killed = open_snapshot()
    killed.record([operation])
    (tmp_path / "s.db").unlink()
    fresh = open_snapshot()
    assert not fresh.same([operation])[0]
    fresh.record([operation])
    assert fresh.same([operation])[0]
