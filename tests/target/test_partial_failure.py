"""One bad record among many: just that one is rejected, in whichever form it is told."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from customerly.answer_forms import BatchOutcome
from customerly.errors import BatchTooLarge, GaveUp, Refused, TokenRefused
from hypothesis import given
from hypothesis import strategies as st
from target_customerly.delivery.splitting import Outage, Splitter

PEOPLE = [{"email": f"p{i}@x.org"} for i in range(100)]
FORMS = ["object", "email", "index", "count", "batch"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("where", [0, 42, 99])
def test_the_culprit_is_found_within_15_requests(make_target: Any, form: str, where: int) -> None:
    target = make_target(refusals=form)
    bad = PEOPLE[where]["email"]
    target.sandbox.reject(bad)
    run = target.apply("users", *PEOPLE)
    assert run.code == 1
    assert [(r["record"]["email"], r["line"]) for r in run.rejects] == [(bad, where + 2)]
    assert run.rejects[0]["status"] is not None
    assert len(target.sandbox.contacts("users")) == 99
    assert len(target.writes()) <= 15


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("listed", ["errors", "not_added", "both"])
@pytest.mark.parametrize("keys", ["email,reason", "user,message", "index,email,message"])
def test_many_culprits(make_target: Any, form: str, listed: str, keys: str) -> None:
    target = make_target(refusals=form, refusal_list=listed, object_keys=keys, inserted="text")
    bad = {person["email"] for person in random.Random(5).sample(PEOPLE, 9)}
    target.sandbox.reject(*bad)
    run = target.apply("leads", *PEOPLE, batch_size_rows=40)
    assert {r["record"]["email"] for r in run.rejects} == bad
    assert len(run.rejects) == 9
    assert len(target.sandbox.contacts("leads")) == 91


@pytest.mark.parametrize("batch_size", [100, 1])
def test_poison_is_told_from_an_outage(make_target: Any, batch_size: int) -> None:
    target = make_target(config={"max_attempts": 1})
    target.sandbox.poison("p42@x.org")
    run = target.apply("users", *PEOPLE[40:45], batch_size_rows=batch_size)
    assert [(r["record"]["email"], r["status"]) for r in run.rejects] == [("p42@x.org", 500)]
    assert len(target.sandbox.contacts("users")) == 4


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_in_an_outage_nothing_is_rejected(make_target: Any, status: int) -> None:
    target = make_target(config={"max_attempts": 1})
    target.sandbox.fail("status", status=status)
    run = target.apply("users", *PEOPLE, {"_operation": "delete", "email": "p1@x.org"})
    assert (run.code, run.rejects, run.stdout) == (1, [], "")
    assert len(run.complaints) == 1, run.complaints


@pytest.mark.parametrize(
    "record",
    [
        {"tag": "vip", "email": "p1@x.org", "untag": True},
        {"tag": "vip", "email": "p1@x.org"},
        {"tag": "vip"},
        {"tag": "vip", "_operation": "delete"},
    ],
)
def test_in_an_outage_no_tag_is_rejected_either(make_target: Any, record: Any) -> None:
    target = make_target(config={"max_attempts": 1})
    target.sandbox.upsert("users", {"email": "p1@x.org"})
    target.sandbox.fail("status", status=500)
    run = target.apply("tags", record)
    assert (run.code, run.rejects) == (1, [])
    assert len(run.complaints) == 1


@pytest.mark.parametrize(
    ("status", "message"),
    [(413, "x"), (400, "Too many users in one request"), (400, "At most 10 records")],
)
def test_a_batch_that_is_too_large_is_halved_for_the_run(
    make_target: Any, status: int, message: str
) -> None:
    target = make_target(largest_batch=13, too_large_status=status, too_large_message=message)
    run = target.apply("users", *[{"email": f"q{i}@x.org"} for i in range(400)], max_concurrency=1)
    assert run.code == 0, run.stderr
    assert len(target.sandbox.contacts("users")) == 400
    refused = [r for r in target.sandbox.requests if r["status"] == status]
    assert len(refused) == 3  # of 100, 50 and 25
    taken = [r["count"] for r in target.sandbox.requests if r["status"] == 200]
    assert max(taken) == 12


def test_an_address_that_the_api_stores_differently(make_target: Any) -> None:
    target = make_target()
    target.sandbox.reject("ada@x.org")
    run = target.apply("users", {"email": "ADA@x.org"}, {"email": "Bob@X.org", "tags": ["vip"]})
    assert [r["record"]["email"] for r in run.rejects] == ["ADA@x.org"]
    assert target.tags("bob@x.org") == ["vip"]


def _ignore(*_: object) -> None:
    """Take whatever comes."""


class Server:
    """Takes batches of numbers; some are bad, and how that is told can change."""

    def __init__(self, bad: set[int], tell: str, largest: int = 1000) -> None:
        self.bad, self.tell, self.largest = bad, tell, largest
        self.stored: set[int] = set()
        self.sent = 0

    def send(self, items: list[int]) -> BatchOutcome:
        self.sent += 1
        assert items
        if len(items) > self.largest:
            raise BatchTooLarge("POST", "too many", status=413)
        failed = [place for place, item in enumerate(items) if item in self.bad]
        if failed and self.tell in {"refuse", "fail"}:
            raise (Refused if self.tell == "refuse" else GaveUp)("POST", "no", status=500)
        self.stored |= set(items) - self.bad
        if self.tell == "count":
            return BatchOutcome(unnamed=len(failed))
        if self.tell in {"from 0", "from 1"}:
            step = 0 if self.tell == "from 0" else 1
            named = {min(place + step, len(items) - 1): "no" for place in failed}
            return BatchOutcome(named, len(failed) - len(named), by_position=bool(named))
        return BatchOutcome(dict.fromkeys(failed, "no"))


@given(
    st.integers(1, 120),
    st.sets(st.integers(0, 119), max_size=6),
    st.sampled_from(["name", "count", "refuse", "fail", "from 0", "from 1"]),
    st.sampled_from([1000, 50, 7, 1]),
)
def test_each_item_is_settled_once_and_rightly(
    size: int, bad: set[int], tell: str, largest: int
) -> None:
    server = Server(bad, tell, largest)
    rejected: list[int] = []
    splitter = Splitter(lambda: True, _ignore)
    good = splitter.send(list(range(size)), server.send, lambda item, _: rejected.append(item))
    assert sorted(good + rejected) == list(range(size))
    assert set(rejected) == bad & set(range(size))
    assert server.stored == set(good)
    if len(bad) <= 1 and largest == 1000 and size <= 100:
        assert server.sent <= 15


def test_an_outage_blames_nobody() -> None:
    answers = itertools.cycle([True, False])
    splitter = Splitter(lambda: next(answers), _ignore)
    rejected: list[int] = []
    with pytest.raises(Outage):
        splitter.send(
            [1, 2, 3], Server({1, 2, 3}, "fail").send, lambda item, _: rejected.append(item)
        )
    assert rejected == []


def test_a_refused_token_passes_through() -> None:
    def send(items: list[int]) -> BatchOutcome:
        raise TokenRefused("no")

    with pytest.raises(TokenRefused):
        Splitter(lambda: True, _ignore).send([1, 2], send, _ignore)


@pytest.mark.parametrize("status", [401, 403])
def test_a_firewalls_page_about_one_record_rejects_that_record_alone(
    make_target: Any, status: int
) -> None:
    target = make_target()
    target.sandbox.fail("firewall", status=status, contains="p42@x.org")
    run = target.apply("users", *PEOPLE)
    assert run.code == 1
    assert [(r["record"]["email"], r["status"]) for r in run.rejects] == [("p42@x.org", status)]
    assert len(target.sandbox.contacts("users")) == 99


def test_a_firewall_before_everything_is_a_refused_token(make_target: Any) -> None:
    target = make_target()
    target.sandbox.fail("firewall", status=403)
    run = target.apply("users", *PEOPLE)
    assert (run.code, run.rejects) == (1, [])
    assert "token" in run.complaints[0]


def test_a_claim_of_a_taken_user_id_says_what_may_have_happened(make_target: Any) -> None:
    target = make_target()
    target.sandbox.upsert("users", {"email": "a@x.org", "user_id": "1"})
    run = target.apply("users", {"email": "b@x.org", "user_id": "1"})
    (reject,) = run.rejects
    assert "gave this user_id up in the same run" in reject["reason"]
