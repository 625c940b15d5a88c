"""`customerly listen --forward-to`: what is on disk is passed on, and a failure fails nothing."""

from __future__ import annotations

from tests.support.stub import HANG_UP, StubServer, answer
from tests.support.waiting import eventually
from tests.webhooks.conftest import SECRET

BODY = b'{"type": "tagged", "data": {"user": {"data": {"email": "ada@example.com"}}}}'


def send(receiver, query=""):
    headers = {"Content-Type": "application/json", "X-Trace": "7"}
    return receiver.request(path=f"/{SECRET}{query}", body=BODY, headers=headers).status


def test_a_delivery_is_passed_on_as_it_came(listen):
    with StubServer(answer(200, {})) as there:
        receiver = listen("--forward-to", there.url)
        assert send(receiver, "?a=1") == 200
        (request,) = eventually(lambda: there.requests)
    assert (request["method"], request["body"]) == ("POST", BODY)
    assert request["path"].endswith("?a=1")
    assert request["headers"]["x-trace"] == "7"


def test_where_nobody_takes_it_the_delivery_is_kept_all_the_same(listen):
    with StubServer(HANG_UP) as there:
        receiver = listen("--forward-to", there.url)
        assert [send(receiver) for _ in range(3)] == [200] * 3
        eventually(lambda: "was not passed on" in receiver.log.read_text())
    assert len(receiver.kept()) == 3
    assert receiver.stop() == 0
    assert receiver.log.read_text().count("was not passed on") == 1


def test_a_refusal_is_told_of_once_and_so_is_its_end(listen):
    with StubServer(answer(500, {}), answer(500, {}), answer(200, {})) as there:
        receiver = listen("--forward-to", there.url)
        for count in range(1, 4):
            assert send(receiver) == 200
            eventually(lambda count=count: len(there.requests) >= count)
        eventually(lambda: "passed on again" in receiver.log.read_text())
    assert receiver.log.read_text().count("HTTP 500") == 1
