"""Deliveries: in the contract's form, and sometimes twice, late or out of order."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest


@pytest.fixture
def inbox():
    """Takes deliveries; `inbox.url` is where, `inbox.got` is (path, body) of each."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.server.got.append((self.path, json.loads(body)))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.got = []
    server.url = f"http://127.0.0.1:{server.server_port}/secret?project=a%20b"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def wait_for(inbox, count):
    end = time.monotonic() + 5
    while len(inbox.got) < count and time.monotonic() < end:
        time.sleep(0.01)
    assert len(inbox.got) >= count
    return inbox.got


def test_each_event_in_the_contracts_form(api, inbox):
    api.sandbox.webhook(inbox.url)
    events = [
        ("POST", "users", {"users": [{"email": "a@b.example", "name": "Ä"}]}, {}),
        ("POST", "tags", {"tag": "x", "users": [{"email": "a@b.example"}]}, {}),
        ("POST", "tags", {"tag": "x", "users": [{"email": "a@b.example"}], "untag": True}, {}),
        ("DELETE", "users", None, {"email": "a@b.example"}),
    ]
    for count, (method, path, body, query) in enumerate(events, start=1):
        api.data(method, path, body, **query)
        wait_for(inbox, count)
    assert {path for path, _ in inbox.got} == {"/secret?project=a%20b"}
    types = [body["type"] for _, body in inbox.got]
    assert types == ["user.updated", "user.tagged", "user.untagged", "user.deleted"]
    people = [body["data"]["user"]["data"] for _, body in inbox.got]
    assert {person["email"] for person in people} == {"a@b.example"}
    assert people[1]["user_tags"] == ["x"]
    assert inbox.got[1][1]["data"]["tag"] == "x"
    told = api.control("GET", "webhooks")[1]
    assert [d["status"] for d in told["deliveries"]] == [200] * 4


def test_only_some_events(api, inbox):
    api.sandbox.webhook(inbox.url, events=["tag"])
    api.sandbox.upsert("users", {"email": "a@b.example"})
    api.sandbox.tag("x", users=[{"email": "a@b.example"}])
    assert [body["type"] for _, body in wait_for(inbox, 1)] == ["user.tagged"]


def test_twice_late_and_out_of_order(api, inbox):
    api.sandbox.webhook(inbox.url, twice=0.5, late=0.5, delay=0.3, seed=4)
    for n in range(30):
        api.sandbox.upsert("users", {"email": f"{n}@b.example"})
    wait_for(inbox, 31)
    time.sleep(0.4)
    order = [int(body["data"]["user"]["data"]["email"].split("@")[0]) for _, body in inbox.got]
    assert set(order) == set(range(30))
    assert 35 < len(order) < 60
    assert order != sorted(order)


def test_nobody_is_there(api):
    api.sandbox.webhook("http://127.0.0.1:9/x")
    api.sandbox.upsert("users", {"email": "a@b.example"})
    end = time.monotonic() + 5
    while not (told := api.control("GET", "webhooks")[1])["deliveries"]:
        assert time.monotonic() < end
    assert told["deliveries"][0]["status"] == 0
    api.control("DELETE", "webhooks")
    assert api.control("GET", "webhooks")[1]["targets"] == []


@pytest.mark.parametrize("wrong", [{"url": "ftp://x"}, {"url": "http://x", "events": ["moved"]}])
def test_what_is_no_webhook(api, wrong):
    assert api.control("POST", "webhooks", wrong)[0] == 400
