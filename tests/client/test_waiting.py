"""What the client does, and says, while the API does not want to be asked."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from customerly.client import Client
from customerly.connection import Connection
from customerly.errors import GaveUp, Refused, TokenRefused

from tests.support.stub import HANG_UP, answer, ok

PAST = "Mon, 01 Jan 2024 00:00:00 GMT"
PAGE = b"<html><h1>Request blocked</h1></html>"


@pytest.mark.parametrize("retry_after", ["0", "-3", PAST, "soon", "NaN", ""])
def test_a_hint_that_says_nothing_is_followed_by_backoff(serve, waits, retry_after):
    refusal = answer(429, headers=[f"Retry-After: {retry_after}"])
    server, api = serve(*[refusal] * 8, ok(["vip"]))
    assert api.list_tags() == ["vip"]
    assert len(server.requests) == 9
    assert sum(waits) > 0.1


@pytest.mark.parametrize("status", [429, 503])
def test_a_quota_by_the_minute_is_outlasted(serve, waits, status):
    def refuse(_request):
        return answer(status, raw=b"") if sum(waits) < 60 else ok(["vip"])

    server, api = serve(refuse)
    assert api.list_tags() == ["vip"]
    assert len(server.requests) > 6


def test_a_refusal_is_borne_for_max_wait_seconds(serve, waits):
    _, api = serve(answer(429), max_wait=20)
    with pytest.raises(GaveUp, match=r"failed after \d+ tries \(HTTP 429\)"):
        api.list_tags()
    assert 15 < sum(waits) <= 21


def test_a_long_wait_is_announced_once_with_reason_and_end(serve, waits, caplog):
    _, api = serve(answer(429, headers=["Retry-After: 45"]), ok(["vip"]))
    api.list_tags()
    (line,) = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "HTTP 429" in line.message
    assert "Waiting 45 s, until " in line.message


def test_a_short_wait_is_not_worth_a_line(serve, waits, caplog):
    _, api = serve(answer(429, headers=["Retry-After: 1"]), HANG_UP, ok(["vip"]))
    api.list_tags()
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


def test_milliseconds_taken_for_seconds_make_no_silent_hour(serve, waits, caplog):
    _, api = serve(*[answer(429, headers=["Retry-After: 30000"])] * 12, ok(["vip"]))
    api.list_tags()
    assert sum(waits) < 300
    assert "it asks for 30000 s, which is more than max_wait allows" in caplog.text


@pytest.mark.parametrize("status", [401, 403])
def test_a_firewalls_page_about_one_request_is_no_refused_token(serve, status):
    def firewall(request):
        return answer(status, raw=PAGE) if request["method"] == "POST" else ok([])

    server, api = serve(firewall)
    with pytest.raises(Refused, match="the token is good") as caught:
        api.upsert_contacts("users", [{"email": "<script>@example.com"}])
    assert caught.value.status == status
    assert [each["method"] for each in server.requests] == ["POST", "GET"]
    assert api.list_tags() == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_may_not_even_read_tags_is_refused(serve, status):
    server, api = serve(answer(status, raw=PAGE))
    with pytest.raises(TokenRefused, match=f"HTTP {status}"):
        api.upsert_contacts("users", [{"email": "ada@example.com"}])
    assert len(server.requests) == 2
    with pytest.raises(TokenRefused):
        api.list_tags()
    assert len(server.requests) == 2


def test_a_page_of_a_firewall_before_an_outage_decides_nothing(serve):
    _, api = serve(answer(403, raw=PAGE), answer(502, raw=b""), max_attempts=2)
    with pytest.raises(GaveUp):
        api.upsert_contacts("users", [{"email": "ada@example.com"}])


@pytest.mark.parametrize("count", [400, pytest.param(2_000, marks=pytest.mark.soak)])
def test_passing_faults_cost_seconds_over_real_http_too(make_sandbox, waits, count):
    """Over real HTTP, what the simulation of the rate limiter says."""
    sandbox = make_sandbox(users=5, leads=0)
    for retry_after in (0, None, 0):
        sandbox.fail("rate_limit", probability=0.02, retry_after=retry_after)
    sandbox.fail("status", status=502, probability=0.01)
    sandbox.fail("reset", probability=0.01)
    config = Connection.from_config(sandbox.config, user_agent="tests/1")
    with Client(config) as client, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: client.request("GET", "tags"), range(count)))
    assert client.requests_sent > count
    assert 0 < sum(waits) < count * 0.1  # four threads share it
