"""insert and update: only who is not there, only who is there, and how few requests that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.target import record, schema

if TYPE_CHECKING:
    from pathlib import Path

ADA, LIN = "ada@x.org", "lin@x.org"


@pytest.fixture
def known(target: Any) -> Any:
    """A project in which Ada is a user and Lin is nobody."""
    target.sandbox.upsert("users", {"email": ADA, "user_id": "1", "name": "Ada"})
    return target


def names(target: Any) -> dict[str, str]:
    return {user["email"]: user["name"] for user in target.sandbox.contacts("users")}


@pytest.mark.parametrize(
    ("operation", "ends"),
    [("insert", {ADA: "Ada", LIN: "New"}), ("update", {ADA: "New"})],
)
def test_only_who_is_meant_is_written(known: Any, operation: str, ends: dict[str, str]) -> None:
    records = [{"email": email, "name": "New"} for email in (ADA, LIN)]
    run = known.apply(
        "users", *records, streams={"users": {"resource": "users", "operation": operation}}
    )
    assert (run.code, run.rejects) == (0, [])
    assert names(known) == ends
    assert "users: 1 applied, 0 unchanged, 1 skipped, 0 blank, 0 rejected, 3 requests" in run.stderr


@pytest.mark.parametrize("operation", ["insert", "update"])
def test_a_record_says_it_itself_and_later_ones_see_what_it_did(
    target: Any, operation: str
) -> None:
    records = [
        {"email": LIN, "name": "First", "_operation": "insert"},
        {"email": LIN, "name": "Second", "_operation": operation},
    ]
    run = target.apply("users", *records)
    assert run.code == 0
    assert names(target) == {LIN: "First" if operation == "insert" else "Second"}


def test_users_known_by_id_alone(known: Any) -> None:
    run = known.apply(
        "users",
        {"user_id": "1", "name": "New", "_operation": "update"},
        {"user_id": "1", "name": "Newer", "_operation": "insert"},
        {"user_id": "2", "name": "Nobody", "_operation": "update"},
        {"user_id": "2", "name": "Nobody", "_operation": "insert"},
        max_rejects=-1,
    )
    assert names(known) == {ADA: "New"}
    assert [reject["line"] for reject in run.rejects] == [5]
    assert "e-mail address" in run.rejects[0]["reason"]
    assert "1 applied, 0 unchanged, 2 skipped, 0 blank, 1 rejected" in run.stderr


def test_where_the_snapshot_knows_there_is_no_look_up(target: Any, tmp_path: Path) -> None:
    settings = {"skip_unchanged": True, "snapshot_path": str(tmp_path / "s.db")}
    target.apply("users", {"email": LIN, "name": "Lin"}, **settings)
    before = len(target.sandbox.requests)
    inserted = target.apply(
        "users", {"email": LIN, "name": "New", "_operation": "insert"}, **settings
    )
    assert len(target.sandbox.requests) == before
    assert "0 applied, 0 unchanged, 1 skipped" in inserted.stderr
    target.apply("users", {"email": LIN, "name": "New", "_operation": "update"}, **settings)
    assert names(target) == {LIN: "New"}
    assert [each["method"] for each in target.sandbox.requests[before:]] == ["POST"]


def test_every_contact_of_a_stream_gets_its_tag(target: Any) -> None:
    for mode, given in (("add", ["own"]), ("replace", ["own"]), ("inline", ["own"])):
        email = f"{mode}@x.org"
        target.sandbox.upsert("leads", {"email": email})
        target.sandbox.tag("old", leads=[{"email": email}])
        target.sandbox.upsert("leads", {"email": f"bare.{email}"})
        target.sandbox.tag("old", leads=[{"email": f"bare.{email}"}])
        run = target.run(
            [
                schema("file"),
                record("file", email=email, tags=given),
                record("file", email=f"bare.{email}"),
            ],
            streams={"file": {"resource": "leads", "tag": "import-1"}},
            tags_mode=mode,
        )
        assert run.code == 0, run.stderr
        assert {"own", "import-1"} <= set(target.tags(email, "leads"))
        assert ("old" in target.tags(email, "leads")) == (mode != "replace")
        assert target.tags(f"bare.{email}", "leads") == ["import-1", "old"]


@pytest.mark.parametrize(
    ("streams", "says"),
    [
        ({"messages": {"resource": "messages", "tag": "x"}}, "users and leads alone"),
        ({"tags": {"resource": "tags", "mirror": True}}, "users and leads alone"),
        ({"u": {"resource": "users", "mirror": True, "operation": "delete"}}, "can't be mirrored"),
    ],
)
def test_what_makes_no_sense_is_said_at_once(target: Any, streams: Any, says: str) -> None:
    run = target.apply("users", {"email": ADA}, streams=streams)
    assert (run.code, len(run.complaints)) == (1, 1)
    assert says in run.complaints[0]
    assert not target.sandbox.requests
