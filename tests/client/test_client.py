"""The client over real sockets: what is sent, what is tried again, what is said."""

import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate

import pytest
from customerly.client import Client
from customerly.connection import Connection
from customerly.errors import (
    BatchTooLarge,
    ContactMissing,
    GaveUp,
    OutcomeUnclear,
    Refused,
    TokenRefused,
)

from tests.support.stub import HANG_UP, answer, ok

from .conftest import TOKEN


def error(status, message):
    return answer(status, {"error": {"message": message, "code": 0}})


def test_sends_what_the_contract_asks_for(serve):
    server, api = serve(ok({"users": []}))
    api.list_contacts("users", page=2, per_page=50)
    request = server.requests[0]
    assert request["path"] == (
        "/v1/users/list?page=2&per_page=50&sort=last_update&sort_direction=asc"
    )
    assert request["headers"]["authorization"] == f"Bearer {TOKEN}"
    assert request["headers"]["user-agent"] == "tests/1"


@pytest.mark.parametrize(
    "address", ["ada+1@example.com", "o'neil%20@example.com", "zoë@bücher.example"]
)
def test_an_address_arrives_as_it_is(serve, address):
    from urllib.parse import parse_qs, urlsplit

    server, api = serve(ok({"email": address}))
    api.get_contact("users", email=address)
    query = urlsplit(server.requests[0]["path"]).query
    assert "+" not in query
    assert parse_qs(query) == {"email": [address]}


@pytest.mark.parametrize(
    "trouble",
    [
        answer(500, raw=b"oops"),
        answer(502, raw=b"<html>"),
        answer(429),
        answer(200, raw=b'{"data": ['),
        answer(200, raw=b"<html>maintenance</html>"),
        error(200, "Something went wrong"),
        HANG_UP,
        b"HTTP/1.1 200 X\r\nContent-Length: 900\r\n\r\n{CUT",
        b"nonsense\r\n\r\nCUT",
    ],
)
def test_what_may_pass_is_tried_again(serve, trouble):
    server, api = serve(trouble, trouble, ok(["vip"]))
    assert api.list_tags() == ["vip"]
    assert len(server.requests) == 3


def test_gives_up_after_max_attempts(serve):
    server, api = serve(answer(502, raw=b""), max_attempts=3)
    with pytest.raises(GaveUp, match="GET /v1/tags failed after 3 tries") as caught:
        api.list_tags()
    assert len(server.requests) == 3
    assert caught.value.status == 502


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (404, "User doesn't exist", ContactMissing),
        (422, "Invalid email", Refused),
        (413, "Request entity too large", BatchTooLarge),
        (500, "Access token not found.", TokenRefused),
    ],
)
def test_what_is_final_is_not_tried_again(serve, status, message, kind):
    server, api = serve(error(status, message))
    with pytest.raises(kind):
        api.get_contact("users", email="ada@example.com")
    assert len(server.requests) == 1


def test_a_refused_token_ends_all(serve):
    server, api = serve(error(500, "Access token not found."), ok())
    for _ in range(3):
        with pytest.raises(TokenRefused, match="Check access_token"):
            api.list_tags()
    assert len(server.requests) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed_in_both_forms(serve, waits, form):
    now = 1_790_000_000
    wait = "70" if form == "seconds" else formatdate(now + 70, usegmt=True)
    headers = [f"Retry-After: {wait}", f"Date: {formatdate(now, usegmt=True)}"]
    _, api = serve(answer(429, headers=headers), ok())
    api.list_tags()
    assert 70 <= sum(waits) < 72


def test_a_time_out_is_a_failed_try(serve):
    def slow(_request):
        time.sleep(0.5)
        return ok()

    server, api = serve(slow, ok(["vip"]), request_timeout=0.1)
    assert api.list_tags() == ["vip"]
    assert len(server.requests) == 2


@pytest.mark.parametrize("trouble", [HANG_UP, answer(502, raw=b"")])
def test_what_must_not_be_sent_twice_is_not(serve, trouble):
    server, api = serve(trouble, ok())
    with pytest.raises(OutcomeUnclear):
        api.send_message({"content": "hello"})
    assert len(server.requests) == 1


def test_a_call_that_was_not_let_in_is_sent_again(serve):
    server, api = serve(answer(429), ok({"timestamp": 1}))
    api.send_message({"content": "hello"})
    assert len(server.requests) == 2


def test_a_dead_connection_is_no_answer():
    config = {"access_token": TOKEN, "api_url": "http://127.0.0.1:9/v1", "max_attempts": 1}
    with Client(Connection.from_config(config, user_agent="t")) as client:
        with pytest.raises(GaveUp, match="takes no connection"):
            client.request("GET", "tags")
        with pytest.raises(GaveUp):
            client.request("POST", "messages", repeatable=False)


def test_a_read_follows_a_redirect_within_the_host(serve):
    server, api = serve(answer(301, headers=["Location: /v1/tags/"]), ok(["vip"]))
    assert api.list_tags() == ["vip"]
    assert server.requests[1]["path"] == "/v1/tags/"
    assert "authorization" in server.requests[1]["headers"]


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        (["Location: http://[::1"], "redirects to what is no URL"),
        (["Content-Length: 5"], "a header that can't be read"),
    ],
)
def test_headers_that_make_no_sense_are_tried_again(serve, headers, reason):
    server, api = serve(answer(302, headers=headers), max_attempts=2)
    with pytest.raises(GaveUp, match=reason):
        api.list_tags()
    assert len(server.requests) == 2


def test_no_redirect_leads_elsewhere(serve):
    other, _ = serve(ok(["stolen"]))
    _, api = serve(answer(302, headers=[f"Location: {other.url}/tags"]))
    with pytest.raises(GaveUp, match="check api_url"):
        api.list_tags()
    with pytest.raises(GaveUp, match="check api_url"):
        api.delete_tag("vip")
    assert not other.requests


def test_the_token_shows_nowhere(serve, caplog):
    caplog.set_level(logging.DEBUG)
    _, api = serve(error(422, f"Bad thing with Bearer {TOKEN} of ada@example.com"), HANG_UP)
    with pytest.raises(Refused) as caught:
        api.list_tags()
    assert TOKEN not in str(caught.value) + repr(caught.value) + repr(api.client.connection)
    assert "ada@example.com" not in str(caught.value)
    with pytest.raises(GaveUp) as lost:
        api.list_tags()
    assert TOKEN not in str(lost.value) + caplog.text


def test_one_connection_serves_a_thread(serve):
    server, api = serve(ok())
    for _ in range(5):
        api.list_tags()
    assert len(api.client._transport._sessions) == 1
    assert len(server.requests) == api.client.requests_sent == 5


def test_threads_keep_to_the_requests_that_may_be_in_flight(make_sandbox):
    sandbox = make_sandbox(users=5, leads=0, latency_ms=30)
    connection = Connection.from_config({**sandbox.config, "max_concurrency": 2}, user_agent="t")
    with Client(connection) as client, ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: client.request("GET", "tags"), range(12)))
    assert sandbox.counters["most_at_once"] == 2


@pytest.mark.parametrize(
    "data",
    [
        {"users": [{"email": "a"}]},
        [{"email": "a"}],
        {"users": {"0": {"email": "a"}}},
        {"users": {"3": {"email": "a"}}},
    ],
)
def test_a_list_in_any_form_is_read(serve, data):
    _, api = serve(ok(data))
    assert api.list_contacts("users") == [{"email": "a"}]


@pytest.mark.parametrize("data", [[], {"users": []}])
def test_an_empty_list_in_any_form_is_empty(serve, data):
    _, api = serve(ok(data))
    assert api.list_contacts("users") == []


@pytest.mark.parametrize(
    "data", ["no", 7, {}, None, {"users": None}, {"users": {}}, {"users": "no"}, {"users": [None]}]
)
def test_what_is_no_list_is_an_error(serve, data):
    _, api = serve(ok(data))
    with pytest.raises(GaveUp, match="holds no list"):
        api.list_contacts("users")


@pytest.mark.parametrize("data", [[], {}, None, {"user": []}])
def test_an_empty_look_up_is_a_missing_contact(serve, data):
    _, api = serve(ok(data))
    with pytest.raises(ContactMissing):
        api.get_contact("users", user_id="7")


@pytest.mark.parametrize(
    "data",
    [["b", "a"], [{"name": "b"}, {"tag": "a"}], {"tags": ["b", "a", "b"]}, {"1": "b", "4": "a"}],
)
def test_tags_in_any_form_are_names(serve, data):
    _, api = serve(ok(data))
    assert api.list_tags() == ["b", "a"]


SENT = [{"email": f"u{i}@example.com"} for i in range(4)]


@pytest.mark.parametrize(
    ("data", "failed", "unnamed", "by_position"),
    [
        ({"inserted": 4, "errors": []}, set(), 0, False),
        ({"inserted": "4"}, set(), 0, False),
        ({"inserted": 3, "errors": ["u2@example.com"]}, {2}, 0, False),
        ({"inserted": 3, "errors": ["U2@Example.com is no address"]}, {2}, 0, False),
        ({"inserted": 3, "not_added": [{"email": "u2@example.com", "reason": "x"}]}, {2}, 0, False),
        ({"inserted": 3, "errors": [{"user": {"email": "u2@example.com"}}]}, {2}, 0, False),
        ({"inserted": 3, "errors": {"u2@example.com": "bad"}}, {2}, 0, False),
        ({"inserted": 3, "errors": [2]}, {2}, 0, True),
        ({"inserted": 3, "errors": {"2": "bad"}}, {2}, 0, True),
        ({"inserted": 3, "errors": [{"index": 2, "message": "bad"}]}, {2}, 0, True),
        ({"errors": [3, 4]}, {2, 3}, 0, False),
        ({"not_added": {"4": "bad"}}, {3}, 0, False),
        ({"errors": 2}, set(), 2, False),
        ({"inserted": 4, "errors": 0}, set(), 0, False),
        ({"errors": [0, 4]}, {0}, 1, True),
        ({"inserted": 3, "errors": [814]}, set(), 1, False),
        ({"inserted": 2, "errors": ["u2@example.com"]}, {2}, 1, False),
        ({"inserted": 3, "errors": []}, set(), 1, False),
        ({"inserted": 3, "errors": ["something is wrong"]}, set(), 1, False),
        ({"inserted": 2, "updated": 2}, set(), 0, False),
        ({"errors": ["something is wrong"]}, set(), 1, False),
        ({"errors": "something is wrong"}, set(), 1, False),
        ({"inserted": 3.0}, set(), 1, False),
        ({"inserted": [7, 8, 9]}, set(), 1, False),
        ({"users": {"inserted": 3, "errors": ["u2@example.com"]}}, {2}, 0, False),
        (True, set(), 0, False),
    ],
)
def test_an_outcome_in_any_form_is_understood(serve, data, failed, unnamed, by_position):
    server, api = serve(ok(data))
    outcome = api.upsert_contacts("users", SENT)
    assert json.loads(server.requests[0]["body"]) == {"users": SENT}
    assert set(outcome.failed) == failed
    assert (outcome.unnamed, outcome.by_position) == (unnamed, by_position)


@pytest.mark.parametrize("data", [None, [], {}, ""])
def test_an_upsert_of_which_nothing_is_said_is_sent_again(serve, data):
    server, api = serve(ok(data), ok({"inserted": 3, "errors": ["u2@example.com is no address"]}))
    outcome = api.upsert_contacts("users", SENT)
    assert outcome.failed == {2: "u2@example.com is no address"}
    assert len(server.requests) == 2
