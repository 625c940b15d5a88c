"""Deliveries: in the contract's form, and sometimes twice, late or out of order."""

from __future__ import annotations

import json

import pytest

from tests.support.stub import StubServer
from tests.support.waiting import eventually


@pytest.fixture
def inbox():
    with StubServer() as server:
        yield server


def received(inbox):
    """What came, in order: path and body."""
    return [(each["path"], json.loads(each["body"])) for each in inbox.requests]


def url(inbox):
    return f"http://127.0.0.1:{inbox.port}/secret?project=a%20b"


def wait_for(inbox, count):
    eventually(lambda: len(inbox.requests) >= count)
    return received(inbox)


def test_each_event_in_the_contracts_form(api, inbox):
    api.sandbox.webhook(url(inbox))
    events = [
        ("POST", "users", {"users": [{"email": "a@b.example", "name": "Ä"}]}, {}),
        ("POST", "tags", {"tag": "x", "users": [{"email": "a@b.example"}]}, {}),
        ("POST", "tags", {"tag": "x", "users": [{"email": "a@b.example"}], "untag": True}, {}),
        ("DELETE", "users", None, {"email": "a@b.example"}),
    ]
    for count, (method, path, body, query) in enumerate(events, start=1):
        api.data(method, path, body, **query)
        wait_for(inbox, count)
    assert {path for path, _ in received(inbox)} == {"/secret?project=a%20b"}
    types = [body["type"] for _, body in received(inbox)]
    assert types == ["user.updated", "user.tagged", "user.untagged", "user.deleted"]
    people = [body["data"]["user"]["data"] for _, body in received(inbox)]
    assert {person["email"] for person in people} == {"a@b.example"}
    assert people[1]["user_tags"] == ["x"]
    assert received(inbox)[1][1]["data"]["tag"] == "x"
    deliveries = eventually(
        lambda: len(found := api.control("GET", "webhooks")[1]["deliveries"]) == 4 and found
    )
    assert [delivery["status"] for delivery in deliveries] == [200] * 4


def test_only_some_events(api, inbox):
    api.sandbox.webhook(url(inbox), events=["tag"])
    api.sandbox.upsert("users", {"email": "a@b.example"})
    api.sandbox.tag("x", users=[{"email": "a@b.example"}])
    assert [body["type"] for _, body in wait_for(inbox, 1)] == ["user.tagged"]


def test_twice_late_and_out_of_order(api, inbox):
    api.sandbox.webhook(url(inbox), twice=0.5, late=0.5, delay=0.3, seed=4)
    for n in range(30):
        api.sandbox.upsert("users", {"email": f"{n}@b.example"})
    eventually(lambda: api.control("GET", "webhooks")[1]["pending"] == 0)
    order = [
        int(body["data"]["user"]["data"]["email"].split("@")[0]) for _, body in received(inbox)
    ]
    assert set(order) == set(range(30))
    assert 35 < len(order) < 60
    assert order != sorted(order)


def test_nobody_is_there(api):
    api.sandbox.webhook("http://127.0.0.1:9/x")
    api.sandbox.upsert("users", {"email": "a@b.example"})
    (delivery,) = eventually(lambda: api.control("GET", "webhooks")[1]["deliveries"])
    assert delivery["status"] == 0
    api.control("DELETE", "webhooks")
    assert api.control("GET", "webhooks")[1]["targets"] == []


@pytest.mark.parametrize("wrong", [{"url": "ftp://x"}, {"url": "http://x", "events": ["moved"]}])
def test_what_is_no_webhook(api, wrong):
    assert api.control("POST", "webhooks", wrong)[0] == 400
