"""The population: deterministic, realistic, and consistent however it is changed."""

from __future__ import annotations

import random
import time

import pytest
from customerly_sandbox.api import dispatch
from customerly_sandbox.fields import KINDS
from customerly_sandbox.http.encoding import encode
from customerly_sandbox.http.messages import Request
from customerly_sandbox.models.order import Order
from customerly_sandbox.models.records import dump
from customerly_sandbox.people.population import FIRST_NUMBER, Population
from customerly_sandbox.project import Project, Settings


def test_a_seed_is_a_population(make_sandbox):
    states = [make_sandbox(users=200, leads=90, seed=seed).state() for seed in (1, 1, 2)]
    assert states[0]["users"] == states[1]["users"]
    assert states[0]["leads"] == states[1]["leads"]
    assert states[0]["users"] != states[2]["users"]


def test_numbers_are_unique_and_found_again():
    for users, leads in ((0, 0), (1, 1), (2, 3), (97, 100), (1000, 10)):
        people = Population(users, leads)
        numbers = {
            people.number(kind, index): (kind, index)
            for kind in KINDS
            for index in range(people.size(kind))
        }
        assert len(numbers) == users + leads
        assert all(people.whose(number) == owner for number, owner in numbers.items())
        assert people.whose(FIRST_NUMBER - 1) is None
        assert people.whose(people.next_number) is None


@pytest.mark.parametrize("settings", [{}, {"bulk": 300}, {"undated": 20}, {"seed": 3}])
def test_last_update_never_goes_back(settings):
    people = Population(1000, 0, **settings)
    dates = [people.last_update("users", index) for index in range(1000)]
    assert dates == sorted(dates)
    assert 100 < len(set(dates)) < 1000
    if "bulk" in settings:
        assert max(map(dates.count, set(dates))) >= 300
    assert dates.count(0) == settings.get("undated", 0)


def test_it_is_realistic():
    people = Population(3000, 1000)
    users = [people.record("users", index) for index in range(3000)]
    addresses = [u["email"] for u in users if u["email"]]
    assert len(addresses) == len({a.lower() for a in addresses})
    assert 0 < 3000 - len(addresses) < 100
    for mark in ("+", "'", "_", "-"):
        assert any(mark in address for address in addresses)
    assert any(a != a.lower() for a in addresses)
    assert any(ord(letter) > 0x3000 for u in users for letter in u["name"] or "")
    assert all(u["email"] or u["user_id"] for u in users)
    assert any(u["user_id"] is None for u in users)
    assert {type(v) for u in users for v in u["attributes"].values()} == {
        str, int, float, bool, type(None)
    }  # fmt: skip
    assert any(u["attributes"] == {} for u in users)
    assert 0 < sum("loyalty_tier" in u for u in users) < 1000
    assert any(people.core("users", index)["tags"] for index in range(20))


def test_a_million_costs_little():
    start = time.process_time()
    project = Project(Settings(Population(1_000_000, 0)))
    assert time.process_time() - start < 6
    assert len(project.store.orders["users"]) == 1_000_000
    call = Request("GET", "users/list", {"page": "9000", "sort": "last_update"}, {})
    assert dispatch.route(project, call).status == 200
    assert call.count == 50


@pytest.mark.parametrize("ties", ["id", "id_descending", "moment"])
def test_an_order_is_a_sorted_list(ties):
    dice = random.Random(5)
    entries = [(dice.randrange(9), moment, dice.randrange(10**6)) for moment in range(500)]
    order = Order(ties, entries[:250])
    for entry in entries[250:]:
        order.add(*entry)
    for entry in entries[::3]:
        order.remove(*entry)
    kept = [entry for place, entry in enumerate(entries) if place % 3]
    keys = {
        "id": lambda e: (e[0], e[2]),
        "id_descending": lambda e: (e[0], -e[2]),
        "moment": lambda e: (e[0], e[1], e[2]),
    }
    expected = [number for _, _, number in sorted(kept, key=keys[ties])]
    assert list(order.numbers()) == expected
    for offset, count in ((0, 10), (100, 7), (330, 50), (1000, 5)):
        assert order.page(offset, count) == expected[offset : offset + count]
        downwards = expected[::-1][offset : offset + count]
        assert order.page(offset, count, descending=True) == downwards


@pytest.mark.parametrize("ties", ["id", "moment"])
@pytest.mark.parametrize("seed", range(4))
def test_orders_and_indexes_agree_after_any_changes(ties, seed):
    project = _project(ties)
    dice = random.Random(seed)
    for _ in range(150):
        _change(project, dice)
    store = project.store
    for kind in KINDS:
        contacts = dump(store, kind)
        dates = [c["last_update"] for c in contacts]
        assert dates == sorted(dates)
        assert len({c["crmhero_user_id"] for c in contacts}) == len(contacts)
        for contact in contacts:
            if contact["email"]:
                found = store.by_email(kind, contact["email"].upper())
                assert found.number == contact["crmhero_user_id"]
            if contact["user_id"]:
                found = store.by_user_id(contact["user_id"])
                assert found.number == contact["crmhero_user_id"]
    before = {kind: list(store.orders[kind].numbers()) for kind in KINDS}
    store.index()
    assert {kind: list(store.orders[kind].numbers()) for kind in KINDS} == before


def _project(ties):
    project = Project(Settings(Population(60, 20), virtual_clock=True, step=0.3))
    project.set_quirks({"ties": ties, "user_id_taken": "move"})
    return project


def _change(project, dice):
    kind = dice.choice(KINDS)
    numbers = list(project.store.orders[kind].numbers())
    known = project.store.contact(dice.choice(numbers)).email if numbers else None
    known = known if dice.random() < 0.8 else None
    email = known or f"{dice.random()}@b.example"
    person = {"email": email, "name": str(dice.random())}
    if dice.random() < 0.4:
        person["user_id"] = str(dice.randrange(80))
    if dice.random() < 0.3:
        person["tags"] = [dice.choice("xyz")]
    keys = [{"email": email}] if known else []
    calls = [
        Request("POST", kind, {}, {}, encode({kind: [person]})),
        Request("POST", "users", {}, {}, encode({"users": [person]})),
        Request("DELETE", kind, {"email": email}, {}),
        Request("POST", "tags", {}, {}, encode({"tag": dice.choice("xyz"), kind: keys})),
        Request("DELETE", "tags", {}, {}, encode({"tag": dice.choice("xyz")})),
    ]
    call = dice.choices(calls, (4, 2, 1, 3, 1))[0]
    call.headers["authorization"] = f"Bearer {project.token}"
    assert dispatch.answer(project, call).status == 200
