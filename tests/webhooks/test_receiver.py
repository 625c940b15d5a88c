"""The receiver answers, keeps, refuses: over real HTTP, good and hostile."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time
import zlib
from typing import TYPE_CHECKING

import pytest
from customerly.webhooks.spool_reader import SpoolReader

from tests.support.waiting import eventually
from tests.webhooks.conftest import SECRET, Listening

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POST = f"POST /{SECRET} HTTP/1.1\r\nHost: h\r\n".encode()


def status_of(answer: bytes) -> int:
    return int(answer.split()[1]) if answer else 0


def test_a_delivery_is_kept_as_it_came(receiver: Listening) -> None:
    body = {"event": "tagged", "data": {"user": {"data": {"email": "ada@example.com"}}}}
    headers = {
        "Content-Type": "application/json",
        "Authorization": "Bearer x",
        "Proxy-Authorization": "Basic x",
        "Authentication": "AccessToken: x",
        "Cookie": "session=x",
        "X-Signature": "sha256=1",
        "Referer": f"https://h/{SECRET}",
    }
    path = f"/{SECRET}/on%20tag?project=7&name=%C3%A9&empty="
    answer = receiver.request(path=path, body=json.dumps(body).encode(), headers=headers)
    assert (answer.status, answer.content) == (200, b'{"status":"ok"}')
    kept = receiver.kept()[-1]
    assert (kept.hook, kept.event, kept.email) == ("on tag", "tagged", "ada@example.com")
    assert kept.body == body
    assert kept.query == {"project": "7", "name": "é", "empty": ""}
    assert kept.headers["x-signature"] == "sha256=1"
    assert kept.headers["content-type"] == "application/json"
    assert kept.headers["referer"] == "https://h/***"
    assert not {"authorization", "proxy-authorization", "authentication", "cookie"} & set(
        kept.headers
    )


def test_a_repeated_header_is_kept_whole(receiver: Listening) -> None:
    sent = POST + b"X-A: 1\r\nX-A: 2\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
    assert status_of(receiver.raw(sent)) == 200
    assert receiver.kept()[-1].headers["x-a"] == "1, 2"


@pytest.mark.parametrize("body", [b"", b"{broken", b"a=1&b=2", b"\xff\xfe\x00", b"[1, 2", b"\x00"])
def test_any_body_is_kept(receiver: Listening, body: bytes) -> None:
    assert receiver.request(body=body).status == 200
    kept = receiver.kept()[-1]
    assert kept.body is None
    assert kept.body_text is not None
    assert (kept.body_base64 is None) == (b"\xff" not in body)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/wrong",
        f"/{SECRET[:-1]}",
        f"/{SECRET}x",
        f"/{SECRET.upper()}",
        f"//{SECRET}",
        f"/x/{SECRET}",
        f"/{SECRET}/a/b",
        f"/{SECRET}/../{SECRET}/x",
        "/%ff%00",
        f"/{'a' * 5_000}",
        "/healthz",
        "/healthz/x",
    ],
)
def test_a_wrong_path_learns_nothing(receiver: Listening, path: str) -> None:
    before = len(receiver.kept())
    answer = receiver.request(path=path)
    assert (answer.status, answer.content) == (404, b'{"error":"not found"}')
    assert receiver.request("GET", path if "healthz" not in path else "/x").status == 404
    assert len(receiver.kept()) == before


def test_a_path_that_is_not_ascii_is_answered(receiver: Listening) -> None:
    answer = receiver.raw("POST /é HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    assert status_of(answer) in {400, 404}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_only_post_delivers(receiver: Listening, method: str) -> None:
    before = len(receiver.kept())
    answer = receiver.request(method)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST, GET, HEAD, OPTIONS")
    assert len(receiver.kept()) == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_probe_of_the_hook_is_answered_and_not_kept(receiver: Listening, method: str) -> None:
    before = len(receiver.kept())
    assert receiver.request(method, body=None).status == 200
    assert receiver.request(method, f"/{SECRET}/crm", body=None).status == 200
    assert len(receiver.kept()) == before


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


EVENT = {"event": "tagged", "data": {"user": {"data": {"email": "ada@example.com"}}}}


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("GZIP", lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:])),
        ("deflate", zlib.compress),
        ("deflate", raw_deflate),
        ("gzip, deflate", lambda body: zlib.compress(gzip.compress(body))),
        ("identity", bytes),
    ],
)
def test_a_packed_body_is_unpacked(receiver: Listening, encoding, pack) -> None:
    body = json.dumps(EVENT).encode()
    assert receiver.request(body=pack(body), headers={"Content-Encoding": encoding}).status == 200
    delivery = receiver.kept()[-1]
    assert (delivery.body, delivery.event, delivery.email) == (EVENT, "tagged", "ada@example.com")


def test_a_body_that_is_not_packed_as_it_says_is_kept_as_it_came(receiver: Listening) -> None:
    assert receiver.request(body=b"plain", headers={"Content-Encoding": "gzip"}).status == 200
    assert receiver.kept()[-1].body_text == "plain"
    cut = gzip.compress(b"x" * 1000)[:20]
    assert receiver.request(body=cut, headers={"Content-Encoding": "gzip"}).status == 200
    assert base64.b64decode(receiver.kept()[-1].body_base64) == cut


def test_a_bomb_is_refused(receiver: Listening) -> None:
    before = len(receiver.kept())
    bomb = gzip.compress(b"\0" * 50_000_000)
    for packed in (bomb, gzip.compress(b"x") * 2 + bomb):
        answer = receiver.request(body=packed, headers={"Content-Encoding": "gzip"})
        assert answer.status == 413
    assert len(receiver.kept()) == before


def test_the_operator_is_told_of_each_kind_of_refusal_once(listen) -> None:
    receiver = listen("--max-body-kb", "1")
    for _ in range(3):
        receiver.request(path="/wrong")
        receiver.request(body=b"x" * 5_000)
    log = receiver.log.read_text()
    assert log.count("Answered 404") == log.count("Answered 413") == 1
    assert SECRET not in log


def test_health(receiver: Listening) -> None:
    answer = receiver.request("GET", "/healthz", body=None)
    assert (answer.status, json.loads(answer.content)) == (200, {"status": "ok"})


@pytest.mark.parametrize("close", [True, False])
def test_a_body_of_ten_megabytes_is_refused(receiver: Listening, close: bool) -> None:
    headers = {"Connection": "close"} if close else {}
    before, memory = len(receiver.kept()), receiver.memory
    for _ in range(5):
        assert receiver.request(body=b"x" * 10_000_000, headers=headers).status == 413
    assert receiver.request().status == 200
    assert len(receiver.kept()) == before + 1
    assert receiver.memory < memory + (20 << 20)


def test_a_chunked_body_that_is_too_large_is_refused(receiver: Listening) -> None:
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    sent = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunk * 20
    assert status_of(receiver.raw(sent + b"0\r\n\r\n")) == 413


def test_a_body_without_end_is_cut_off(receiver: Listening) -> None:
    sent = POST + b"Content-Length: 99999999999\r\n\r\n" + b"x" * (40 << 20)
    assert status_of(receiver.raw(sent)) in {0, 413}  # the answer can be lost with the connection
    assert receiver.request().status == 200


def test_who_asks_first_need_not_send_it(receiver: Listening) -> None:
    sent = POST + b"Content-Length: 5000000\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    assert status_of(receiver.raw(sent)) == 413


def test_a_body_in_tiny_chunks_is_taken(receiver: Listening) -> None:
    body = json.dumps({"text": "x" * 20_000}).encode()
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
    sent = POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + chunks
    assert status_of(receiver.raw(sent + b"0\r\n\r\n")) == 200
    assert receiver.kept()[-1].body == {"text": "x" * 20_000}


def test_a_slow_body_runs_out_of_time(receiver: Listening) -> None:
    started = time.monotonic()
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as slow:
        slow.sendall(POST + b"Content-Length: 1000\r\n\r\n")
        while time.monotonic() < started + 0.7:
            slow.sendall(b"x")
            time.sleep(0.1)
        assert receiver.request().status == 200
        answer = slow.recv(1_000)
        assert status_of(answer) == 408


def test_who_sends_too_much_too_slowly_hears_that_it_is_too_much(receiver: Listening) -> None:
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as slow:
        slow.sendall(POST + b"Content-Length: 500000\r\n\r\nx")
        assert status_of(slow.recv(1_000)) == 413


@pytest.mark.parametrize(
    "sent",
    [
        POST + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\nnonsense\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nabc",
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: many\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        POST + b"Bad Header\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"\x00" * 1_000,
    ],
)
def test_nonsense_is_refused(receiver: Listening, sent: bytes) -> None:
    before = len(receiver.kept())
    assert status_of(receiver.raw(sent)) in {0, 400, 408, 413}
    assert receiver.request().status == 200
    assert len(receiver.kept()) == before + 1


@pytest.mark.parametrize(
    "endless",
    [
        b"X-A: " + b"a" * 60_000 + b"\r\n",  # headers
        b"a" * 60_000,  # one header
    ],
)
def test_a_head_without_end_is_cut_off(receiver: Listening, endless: bytes) -> None:
    memory = receiver.memory
    assert receiver.raw(POST + b"X-B: " + endless * 500) == b""
    assert receiver.request().status == 200
    assert receiver.memory < memory + (20 << 20)


def test_trailers_without_end_are_cut_off(receiver: Listening) -> None:
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    assert status_of(receiver.raw(head + b"X-A: aaaaaaaaaa\r\n" * 100_000)) in {0, 408}
    assert receiver.request().status == 200


def test_pipelined_deliveries_are_each_kept_once(receiver: Listening) -> None:
    before = len(receiver.kept())
    one = POST + b"Content-Length: 2\r\n\r\n{}"
    last = POST + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}"
    assert receiver.raw(one * 19 + last).count(b"HTTP/1.1 200") == 20
    assert len(receiver.kept()) == before + 20


def test_the_secret_is_nowhere_in_what_is_said(receiver: Listening) -> None:
    assert SECRET not in receiver.log.read_text()
    lines = receiver.log.read_text().splitlines()
    assert all(line.startswith("Answered 4") for line in lines[1:])


def test_a_stop_finishes_what_is_in_flight(listen: Callable[..., Listening]) -> None:
    receiver = listen()
    with socket.create_connection(("127.0.0.1", receiver.port), timeout=10) as late:
        late.sendall(POST + b"Content-Length: 2\r\n\r\n{")
        time.sleep(0.2)
        receiver.process.terminate()
        time.sleep(0.3)
        late.sendall(b"}")
        assert status_of(late.recv(1_000)) == 200
    assert receiver.process.wait(10) == 0
    assert len(receiver.kept()) == 1
    assert "stopped; kept 1 delivery" in receiver.log.read_text()


def test_it_goes_on_after_a_kill(listen: Callable[..., Listening]) -> None:
    receiver = listen()
    for number in range(3):
        assert receiver.request(body=b"%d" % number).status == 200
        receiver.stop(9)
        receiver.start()
    assert [(each.sequence, each.body) for each in receiver.kept()] == [(1, 0), (2, 1), (3, 2)]


def test_what_was_read_and_is_old_is_removed(
    listen: Callable[..., Listening], tmp_path: Path
) -> None:
    receiver = listen("--keep-days", "0")
    for _ in range(4):
        receiver.request()
    with SpoolReader(receiver.spool) as reader:
        reader.mark_read(3)
    receiver.stop()
    receiver.start()  # it looks at once, then now and then
    eventually(lambda: [each.sequence for each in receiver.kept()] == [4])
