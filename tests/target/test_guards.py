"""What keeps a run from doing harm: dry_run, the limits, unknown streams, the token."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.target import record, schema, state

PEOPLE = [{"email": f"p{i}@x.org", "name": f"P{i}"} for i in range(10)]


def test_dry_run_writes_nothing_and_says_what_it_would_do(target: Any) -> None:
    target.sandbox.upsert("users", {"email": "p0@x.org", "name": "Someone"})
    run = target.run(
        [
            schema("users"),
            *(record("users", **person) for person in PEOPLE),
            record("users", email="p1@x.org", _operation="delete"),
            record("users", email="nobody"),
            schema("tags"),
            record("tags", tag="vip", email="p0@x.org"),
            state(1),
        ],
        dry_run=True,
    )
    assert run.code == 1  # one record would be rejected
    assert target.writes() == []
    assert (run.stdout, run.rejects) == ("", [])
    assert "upsert users: 10" in run.stderr
    assert "delete users: 1" in run.stderr
    assert "tag tags: 1" in run.stderr
    assert "would change name" in run.stderr
    assert "Someone" not in run.stderr
    assert "p0@x.org" not in run.stderr


def test_dry_run_without_an_api_is_one_clear_line(make_target: Any) -> None:
    target = make_target(config={"max_attempts": 1})
    target.sandbox.fail("status", status=500)
    run = target.apply("users", *PEOPLE, dry_run=True)
    assert (run.code, len(run.complaints)) == (1, 1)


@pytest.mark.parametrize("most", [0, 2])
def test_the_run_fails_before_one_delete_too_many(target: Any, most: int) -> None:
    for person in PEOPLE[:5]:
        target.sandbox.upsert("users", person)
    run = target.run(
        [
            schema("users"),
            record("users", **PEOPLE[9]),
            state(0),
            *(record("users", email=person["email"], _operation="delete") for person in PEOPLE[:5]),
            state(9),
        ],
        max_deletes=most,
    )
    assert (run.code, len(run.complaints)) == (1, 1)
    assert "max_deletes" in run.complaints[0]
    assert len(target.sandbox.contacts("users")) == 6 - most
    assert run.states == [0]


def test_untying_a_tag_is_no_delete_and_deleting_one_is(target: Any) -> None:
    target.sandbox.upsert("users", PEOPLE[0])
    untie = {"tag": "vip", "email": "p0@x.org", "_operation": "delete"}
    assert target.apply("tags", untie, max_deletes=0).code == 0
    run = target.apply("tags", {"tag": "vip", "_operation": "delete"}, max_deletes=0)
    assert run.code == 1
    assert target.apply("tags", {"tag": "vip", "_operation": "delete"}, max_deletes=1).code == 0


@pytest.mark.parametrize(("most", "code"), [(0, 1), (1, 1), (2, 0), (-1, 0)])
def test_max_rejects(target: Any, most: int, code: int) -> None:
    bad = {"email": "nobody"}
    run = target.apply("users", PEOPLE[0], bad, PEOPLE[1], bad, PEOPLE[2], max_rejects=most)
    assert run.code == code
    assert len(target.sandbox.contacts("users")) == 3
    assert len(run.rejects) == 2
    assert "users: 3 applied, 0 unchanged, 0 skipped, 0 blank, 2 rejected" in run.stderr


def test_unknown_streams(target: Any) -> None:
    messages = [
        schema("orders"),
        record("orders", id=1),
        schema("users"),
        record("users", **PEOPLE[0]),
    ]
    run = target.run(messages)
    assert (run.code, len(run.complaints)) == (1, 1)
    assert "orders" in run.complaints[0]
    run = target.run(messages, unknown_streams="ignore")
    assert run.code == 0
    assert len(target.sandbox.contacts("users")) == 1


@pytest.mark.parametrize("status", [500, 401, 403])
def test_a_bad_token_ends_the_run_and_rejects_nothing(make_target: Any, status: int) -> None:
    target = make_target(bad_token_status=status)
    run = target.apply("users", *PEOPLE, batch_size_rows=2, access_token="wrong-token-7f3a")
    assert (run.code, run.rejects, len(run.complaints)) == (1, [], 1)
    assert "access_token" in run.complaints[0]
    assert "wrong-token-7f3a" not in run.stderr
    assert len(target.sandbox.requests) <= 4


def test_a_wrong_api_url_ends_the_run_and_rejects_nothing(target: Any) -> None:
    api_url = target.sandbox.url.replace("/v1", "/v2")
    run = target.apply("users", *PEOPLE, batch_size_rows=2, api_url=api_url)
    assert (run.code, run.rejects, run.states, len(run.complaints)) == (1, [], [], 1)
    assert f"no Customerly API at {api_url}" in run.complaints[0]


def test_a_token_revoked_midway(target: Any) -> None:
    target.sandbox.revoke_token(after=3)
    messages = [schema("users")]
    for number, person in enumerate(PEOPLE):
        messages += [record("users", **person), state(number + 1)]
    run = target.run(messages, batch_size_rows=1, max_concurrency=1)
    assert (run.code, run.rejects, len(run.complaints)) == (1, [], 1)
    stored = len(target.sandbox.contacts("users"))
    assert 0 < stored < 10
    assert max(run.states, default=0) <= stored
