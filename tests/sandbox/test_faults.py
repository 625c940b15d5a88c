"""Faults on demand: each does what it says, when it should, and no more."""

from __future__ import annotations

import re
import time
from email.utils import parsedate_to_datetime

import pytest
import requests
from customerly_sandbox import Quirks
from customerly_sandbox.api import dispatch
from customerly_sandbox.http.messages import ApiError, Request
from customerly_sandbox.scenario.faults import EFFECTS
from customerly_sandbox.scenario.limits import Limits

from tests.support.clock import ManualClock

CONTACT = {"users": [{"email": "a@b.example"}]}


def stored(api):
    return api.sandbox.find("users", "a@b.example") is not None


def applied(api):
    return api.sandbox.history(email="a@b.example") != []


@pytest.mark.parametrize("fault", sorted(EFFECTS))
@pytest.mark.parametrize("forced", [None, True, False])
def test_whether_a_fault_lets_a_write_take_effect(api, fault, forced):
    api.sandbox.fail(fault, times=1, location="/v1/tags", applied=forced)
    try:
        api.send("POST", "users", CONTACT)
    except requests.RequestException:
        assert fault in ("reset", "reset_after", "cut_off")
    expected = EFFECTS[fault].applied if forced is None else forced
    assert stored(api) is applied(api) is expected
    assert api.sandbox.requests[-1]["fault"] == fault
    assert api("POST", "users", CONTACT)[0] == 200


@pytest.mark.parametrize(
    ("fault", "rule", "status", "text"),
    [
        ("status", {}, 500, '{"error":{"message":"Something went wrong","code":0}}'),
        (
            "status",
            {"status": 503, "message": "Busy"},
            503,
            '{"error":{"message":"Busy","code":0}}',
        ),
        ("rate_limit", {}, 429, '{"error":{"message":"Something went wrong","code":0}}'),
        ("envelope", {}, 200, '{"error":{"message":"Something went wrong","code":0}}'),
        ("unknown", {}, 200, '{"status":"ok"}'),
        ("empty", {}, 200, ""),
        ("redirect", {"location": "/v1/tags"}, 307, ""),
    ],
)
def test_what_it_answers(api, fault, rule, status, text):
    api.sandbox.fail(fault, **rule)
    answer = api.send("GET", "tags")
    assert answer.status_code == status
    assert answer.text == text


def test_html_and_a_wrong_type(api):
    api.sandbox.fail("html", status=502, times=1)
    api.sandbox.fail("wrong_type")
    page, odd = api.send("GET", "tags"), api.send("GET", "tags")
    assert (page.status_code, page.headers["Content-Type"][:9]) == (502, "text/html")
    assert (odd.status_code, odd.headers["Content-Type"][:9]) == (200, "text/html")
    assert odd.json()["data"]


def test_connections_that_end(api):
    for fault in ("reset", "reset_after"):
        api.sandbox.fail(fault, times=1)
        with pytest.raises(requests.ConnectionError):
            api.send("GET", "tags")
    api.sandbox.fail("cut_off", times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.send("GET", "tags")
    assert [r["status"] for r in api.sandbox.requests] == [0, 0, 200]


def test_retry_after_in_both_forms(api):
    api.sandbox.fail("rate_limit", retry_after=2, times=1)
    api.sandbox.fail("rate_limit", retry_after=30, date=True, times=1)
    api.sandbox.fail("rate_limit", times=1)
    seconds, date, none = (api.send("GET", "tags").headers for _ in range(3))
    assert seconds["Retry-After"] == "2"
    assert abs(parsedate_to_datetime(date["Retry-After"]).timestamp() - time.time() - 30) < 3
    assert "Retry-After" not in none


def test_slow(api):
    token = {"authorization": f"Bearer {api.sandbox.token}"}
    asked = Request("GET", "tags", {}, token)
    api.sandbox.fail("slow", seconds=60, times=1)
    answers = [api.sandbox.call(lambda: dispatch.answer(api.sandbox.project, asked)) for _ in "ab"]
    assert [(answer.status, answer.delay) for answer in answers] == [(200, 60), (200, 0)]


def test_which_requests_it_strikes(api):
    api.sandbox.fail("status", path="users/*", method="GET", skip=1, times=2)
    paths = ["tags", "users/list", "users/list", "leads/list", "users/list/", "users/list"]
    assert [api("GET", path)[0] for path in paths] == [200, 200, 500, 200, 500, 200]
    api.sandbox.fail("status", email="A@b.example")
    assert api("GET", "users", email="a@b.example")[0] == 500
    assert api("POST", "tags", {"tag": "x", "users": [{"email": "a@B.example"}]})[0] == 500
    assert api("GET", "users", email="other@b.example")[0] == 200
    api.sandbox.heal()
    assert "error" in api("GET", "users", email="a@b.example")[1]


def test_probability_is_seeded(make_api):
    outcomes = []
    for _ in range(2):
        api = make_api()
        api.sandbox.fail("status", probability=0.5, seed=3)
        outcomes.append([api("GET", "tags")[0] for _ in range(40)])
    assert outcomes[0] == outcomes[1]
    assert 5 < outcomes[0].count(500) < 35


def test_poison(api):
    api.sandbox.upsert("users", {"email": "p@b.example", "user_id": "p1"})
    api.sandbox.poison("P@b.example", "p1")
    batch = {"users": [{"email": "a@b.example"}, {"email": "p@b.example"}]}
    assert [api("POST", "users", batch)[0] for _ in range(3)] == [500] * 3
    assert api("POST", "users/unsubscribe/p1")[0] == 500
    assert api("DELETE", "users", user_id="p1")[0] == 500
    assert not stored(api)
    assert api("POST", "users", CONTACT)[0] == 200
    assert api("GET", "tags")[0] == 200


@pytest.mark.parametrize("form", ["object", "email", "index", "count", "batch"])
def test_refused_addresses(make_api, form):
    api = make_api(quirks={"refusals": form})
    api.sandbox.reject("R@b.example", reason="Blocked")
    batch = {"users": [{"email": "a@b.example"}, {"email": "r@b.example"}]}
    answered = api("POST", "users", batch)[1]
    expected = {
        "object": [{"email": "r@b.example", "reason": "Blocked"}],
        "email": ["r@b.example"],
        "index": [1],
        "count": [],
    }
    if form == "batch":
        assert answered["error"]["message"] == "Blocked (users[1]: r@b.example)"
    else:
        assert answered["data"] == {"inserted": 1, "errors": expected[form]}
    assert stored(api) is (form != "batch")
    assert api.sandbox.find("users", "r@b.example") is None


def test_refused_in_one_kind_of_write(api):
    api.sandbox.reject("a@b.example", reason="No tags", writes=("tag", "delete"))
    assert api("POST", "users", CONTACT)[1]["data"]["inserted"] == 1
    answered = api("POST", "tags", {"tag": "x", "users": [{"email": "a@b.example"}]})
    assert answered == (400, {"error": {"message": "No tags", "code": 0}})
    assert "error" in api("DELETE", "users", email="a@b.example")[1]


def test_a_rate_limit_of_its_own(make_api):
    api = make_api(quirks={"requests_per_second": 3.0, "retry_after": "seconds"})
    answers = [api.send("GET", "tags") for _ in range(5)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "1"


def test_a_quota_ends_with_its_window():
    clock = ManualClock()
    limits, quirks = Limits(clock), Quirks(quota=2, quota_seconds=60.0, quota_headers=True)
    for left in ("1", "0"):
        limits.take(quirks)
        assert limits.headers(quirks)["X-RateLimit-Remaining"] == left
    clock.advance(20)
    with pytest.raises(ApiError) as refused:
        limits.take(quirks)
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "40")
    clock.advance(40)
    limits.take(quirks)


@pytest.mark.parametrize(
    ("form", "pattern"),
    [
        ("seconds", r"\d+"),
        ("fraction", r"\d+\.\d+"),
        ("date", r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"),
        ("words", "in a moment"),
        ("none", "nothing"),
    ],
)
def test_forms_of_retry_after(make_api, form, pattern):
    quirks = {"quota": 1, "quota_seconds": 300.0, "retry_after": form, "limit_status": 503}
    api = make_api(quirks=quirks)
    assert api.send("GET", "tags").status_code == 200
    answer = api.send("GET", "tags")
    assert answer.status_code == 503
    assert re.fullmatch(pattern, answer.headers.get("Retry-After", "nothing"))
    assert "X-RateLimit-Limit" not in answer.headers


@pytest.mark.parametrize("body", [b"<script>", b"\\u003cscript\\u003e"])
def test_a_firewall_sees_a_marked_record_and_the_api_never_does(api, body):
    api.sandbox.fail("firewall", contains="<script>")
    content = b'{"users": [{"email": "a@b.example", "name": "%s"}]}' % body
    answer = api.session.post(f"{api.sandbox.url}/users", content, timeout=10)
    assert (answer.status_code, answer.headers["Content-Type"][:9]) == (403, "text/html")
    assert not stored(api)
    assert api("POST", "users", CONTACT)[0] == 200
    assert api.send("GET", "users", email="x<script>y").status_code == 403


@pytest.mark.parametrize(("fault", "data"), [("null_list", None), ("no_list", [])])
def test_lists_that_are_none(api, fault, data):
    api.sandbox.fail(fault, times=1)
    assert api("GET", "users/list") == (200, {"data": data})
    assert len(api.list("users")) == 30


def test_what_is_no_fault(api):
    with pytest.raises(ValueError, match="there is no fault 'storm'"):
        api.sandbox.fail("storm")
    assert api.control("POST", "faults", {"fault": "status", "tmes": 1})[0] == 400


def test_truncated(api):
    api.sandbox.fail("truncated")
    answer = api.send("GET", "tags")
    assert answer.status_code == 200
    assert answer.text.startswith('{"data":["purchased"')
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|JSON"):
        answer.json()
