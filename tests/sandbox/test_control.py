"""Control routes, logs, clock, mutations."""

from __future__ import annotations

import pytest
from customerly_sandbox.quirks import table


def test_it_says_what_it_holds(api):
    status, answered = api.control("GET", "")
    assert status == 200
    assert (answered["users"], answered["leads"], answered["tags"]) == (30, 12, 10)
    assert api.control("GET", "nonsense")[0] == 404
    assert api.control("POST", "latency", {})[0] == 400
    assert api.control("POST", "reset", {"users": "x"})[0] == 400


def test_the_state_over_http_is_the_state(api):
    state = api.sandbox.state()
    assert api.control("GET", "state")[1] == {**state, "now": pytest.approx(state["now"], abs=5)}
    assert api.control("GET", "state", only="leads")[1] == state["leads"]


def test_reset_and_seed(api):
    before = api.sandbox.contacts("users")
    api.sandbox.fail("status")
    api.sandbox.set_quirks(largest_page=5)
    api.sandbox.delete("users", email=next(c["email"] for c in before if c["email"]))
    api.control("POST", "seed", {"users": 40, "seed": 8})
    assert len(api.sandbox.contacts("users")) == 40
    assert api("GET", "tags")[0] == 500
    api.control("POST", "reset")
    assert api.sandbox.contacts("users") == before
    assert len(api.list("users")) == 30
    api.sandbox.reset(users=3, quirks={"largest_page": 2})
    assert len(api.list("users")) == 2
    assert [r["path"] for r in api.sandbox.requests] == ["users/list"]


def test_requests_are_logged(api):
    api.list("users", 1, 10)
    api.sandbox.fail("status", times=1)
    api("GET", "tags")
    api("POST", "users", {"users": [{"email": "a@b.example"}, {"email": "bad"}]})
    status, answered = api.control("GET", "requests")
    assert status == 200
    assert answered["total"] == 3
    assert answered["counts"] == {"GET users/list 200": 1, "GET tags 500": 1, "POST users 200": 1}
    assert (answered["contacts_sent"], answered["contacts_received"]) == (10, 1)
    assert (answered["connections"], answered["most_at_once"]) == (1, 1)
    first = answered["requests"][0]
    assert first["query"] == {
        "page": "1", "per_page": "10", "sort": "last_update", "sort_direction": "asc"
    }  # fmt: skip
    assert [r["fault"] for r in answered["requests"]] == [None, "status", None]
    api.control("DELETE", "requests")
    assert api.sandbox.counters["total"] == 0


def test_history_is_in_order_and_never_changes(api):
    api.sandbox.upsert("users", {"email": "a@b.example", "attributes": {"n": 1}})
    api.sandbox.upsert("users", {"email": "A@b.example", "attributes": {"n": 2}})
    api.sandbox.tag("x", users=[{"email": "a@b.example"}])
    api.sandbox.tag("x", users=[{"email": "a@b.example"}], untag=True)
    api.sandbox.delete("users", email="a@b.example")
    operations = [e["operation"] for e in api.sandbox.history(email="a@b.example")]
    assert operations == ["upsert", "upsert", "tag", "untag", "delete"]
    sent = [e["contact"]["attributes"]["n"] for e in api.sandbox.history(operation="upsert")]
    assert sent == [1, 2]
    assert len(api.control("GET", "history", operation="delete")[1]) == 1
    assert api.sandbox.requests == []


def test_every_quirk_is_described(api):
    rows = api.control("GET", "quirks")[1]
    assert [row["name"] for row in rows] == [row["name"] for row in table()]
    assert all(row["about"] for row in rows)
    status, answered = api.control("POST", "quirks", {"ties": "id"})
    assert (status, answered["ties"]) == (200, "id")
    for wrong in ({"ties": "none"}, {"tie": "id"}, {"largest_page": "5"}, {"tagging_moves": 1}):
        status, answered = api.control("POST", "quirks", wrong)
        assert status == 400
        assert next(iter(wrong)) in answered["error"]


def test_a_virtual_clock(make_api):
    api = make_api(virtual_clock=True, step=0.5)
    start = api.control("GET", "clock")[1]["now"]
    for n in range(4):
        api.sandbox.upsert("users", {"email": f"{n}@b.example"})
    dates = [c["last_update"][-2:] for c in api.list("users")[-4:]]
    assert dates == ["00", "01", "01", "02"]
    assert api.sandbox.advance(3600) == start + 3602
    assert api.control("POST", "clock", {"set": start + 9000})[1]["now"] == start + 9000
    assert api.control("POST", "clock", {"advance": -1})[0] == 400
    assert api.control("POST", "clock", {"set": start})[0] == 400


def test_a_real_clock_never_runs_backward(api):
    now = api.sandbox.advance(1000)
    api.sandbox.upsert("users", {"email": "a@b.example"})
    api.control("POST", "clock", {"virtual": True})
    assert api.control("GET", "clock")[1]["now"] >= now
    api.control("POST", "clock", {"virtual": False})
    assert api.control("GET", "clock")[1]["now"] >= now


def test_mutations_between_requests(make_api):
    api = make_api(users=200)
    spare = [c["email"] for c in api.sandbox.contacts("users") if c["email"]][::2]
    api.sandbox.mutate(rate=2.5, spare=spare, seed=3, where="oldest")
    before = {c["crmhero_user_id"]: c for c in api.sandbox.contacts("users")}
    for _ in range(20):
        api.list("users")
        api("GET", "tags")
    after = {c["crmhero_user_id"]: c for c in api.sandbox.contacts("users")}
    made = api.control("GET", "mutations")[1]["made"]
    assert 40 <= made <= 60
    assert len(api.sandbox.history(mutation=True)) == made
    kept = {c["email"]: c for c in after.values()}
    assert all(kept[c["email"]] == c for c in before.values() if c["email"] in spare)
    assert before.keys() - after.keys()
    assert after.keys() - before.keys()
    api.sandbox.mutate(rate=0)
    assert api.list("users") == api.list("users")


def test_mutations_are_seeded(make_api):
    states = []
    for _ in range(2):
        api = make_api(virtual_clock=True)
        api.sandbox.mutate(rate=3, deletes=0, seed=9)
        for _ in range(5):
            api.list("leads")
        states.append(api.sandbox.state())
    assert states[0] == states[1]
    assert api.control("POST", "mutations", {"where": "nowhere"})[0] == 400


def test_a_hook_after_each_request(api):
    seen = []
    api.sandbox.on_request(lambda call: seen.append((call.method, call.path, call.count)))
    api.list("leads")
    api.sandbox.on_request(None)
    api("GET", "tags")
    assert seen == [("GET", "leads/list", 12)]


def test_latency(make_api):
    api = make_api(latency_ms=150)
    assert api.send("GET", "tags").elapsed.total_seconds() >= 0.15
    api.control("POST", "latency", {"ms": 0})
    assert api.control("GET", "")[0] == 200
    assert api.sandbox.project.latency == 0
