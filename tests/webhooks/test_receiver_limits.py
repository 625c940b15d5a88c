"""What the receiver refuses until there is room, and who it keeps out."""

from __future__ import annotations

import concurrent.futures
import contextlib
import resource
import shutil
import socket
from typing import TYPE_CHECKING

import pytest
from customerly.webhooks.spool_reader import SpoolReader

from tests.support.waiting import eventually
from tests.webhooks.conftest import SECRET, Listening

if TYPE_CHECKING:
    from collections.abc import Callable

POST = f"POST /{SECRET} HTTP/1.1\r\nHost: h\r\n".encode()


def test_too_many_a_second_are_told_when_to_come_again(listen: Callable[..., Listening]) -> None:
    receiver = listen("--max-per-second", "5")
    answers = [receiver.request() for _ in range(12)]
    assert {answer.status for answer in answers} == {200, 429}
    refused = [answer for answer in answers if answer.status == 429]
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    eventually(lambda: receiver.request().status == 200)
    assert len(receiver.kept()) == len(answers) - len(refused) + 1
    # A wrong path costs nothing of the rate.
    assert {receiver.request(path="/x").status for _ in range(20)} == {404}


def open_many(port: int, count: int) -> list[socket.socket]:
    return [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(count)]


@pytest.mark.parametrize("count", [400, pytest.param(5_000, marks=pytest.mark.soak)])
def test_thousands_of_open_connections_keep_nobody_out(
    listen: Callable[..., Listening], count: int
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 500)), hard))
    receiver = listen("--max-connections", str(count // 4))
    memory = receiver.memory
    opened = []
    try:
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            flood = pool.submit(open_many, receiver.port, count)
            answered, lost = 0, 0
            while not flood.done():
                try:
                    assert receiver.request().status == 200
                    answered += 1
                except ConnectionError:
                    lost += 1
            opened = flood.result()
        assert answered > 5 * lost
        for each in opened[::2]:  # half of them begin a request, and go on no further
            with contextlib.suppress(OSError):  # closed already, to make room
                each.sendall(POST)
        for _ in range(20):
            assert receiver.request().status == 200
        assert receiver.memory < memory + count * 20_000
    finally:
        for each in opened:
            each.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_full_spool_refuses_until_there_is_room(listen: Callable[..., Listening]) -> None:
    receiver = listen("--max-spool-mb", "1")
    statuses = [receiver.request(body=b"x" * 50_000).status for _ in range(30)]
    assert set(statuses) == {200, 507}
    assert len(receiver.kept()) == statuses.count(200)
    assert receiver.request("GET", "/healthz", body=None).status == 200
    with SpoolReader(receiver.spool) as reader:
        reader.mark_read(reader.last_sequence)  # what was read goes when there is no room
    statuses = [receiver.request(body=b"x" * 50_000).status for _ in range(5)]
    assert set(statuses[1:]) == {200}
    said = receiver.log.read_text().splitlines()
    assert len(said) == 3
    assert "full" in said[1]
    assert "again" in said[2]


def test_a_full_disk_refuses_until_there_is_room(listen: Callable[..., Listening]) -> None:
    receiver = listen()
    assert receiver.request(body=b"first").status == 200
    hard = resource.prlimit(receiver.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(receiver.process.pid, resource.RLIMIT_FSIZE, (200_000, hard))
    statuses = [receiver.request(body=b"x" * 30_000).status for _ in range(20)]
    assert set(statuses) <= {200, 503, 507}
    assert statuses[-1] != 200
    resource.prlimit(receiver.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
    assert [receiver.request(body=b"x" * 30_000).status for _ in range(20)] == [200] * 20
    assert receiver.stop() == 0
    kept = receiver.kept()
    assert len(kept) == 1 + statuses.count(200) + 20
    assert [each.body_text for each in kept[1:]] == ["x" * 30_000] * (len(kept) - 1)


def test_a_spool_that_was_removed_refuses(listen: Callable[..., Listening]) -> None:
    receiver = listen()
    shutil.rmtree(receiver.spool)
    assert receiver.request().status == 503
    assert "is gone" in receiver.log.read_text()
