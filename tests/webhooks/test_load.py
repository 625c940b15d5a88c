"""Hundreds of deliveries a second, and a kill in the middle of them."""

from __future__ import annotations

import asyncio
import json
import signal
import statistics
import threading
import time
from typing import TYPE_CHECKING

import pytest
from customerly.webhooks.spool_reader import SpoolReader

from tests.support.waiting import eventually
from tests.webhooks.conftest import SECRET, Listening

if TYPE_CHECKING:
    from collections.abc import Callable

CONNECTIONS = 50
PER_SECOND = 500


class Senders:
    """Fifty senders that share a rate; each waits for an answer before it goes on."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.done = threading.Event()
        self.acknowledged: set[str] = set()
        self.sent: set[str] = set()
        self.waits: list[float] = []
        self.lost = 0
        self.refused = 0

    def run(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        await asyncio.gather(*(self._sender(number) for number in range(CONNECTIONS)))

    async def _sender(self, sender: int) -> None:
        pause = CONNECTIONS / PER_SECOND
        due = time.monotonic() + pause * sender / CONNECTIONS
        stream = None
        number = 0
        while not self.done.is_set():
            await asyncio.sleep(max(due - time.monotonic(), 0))
            due = max(due + pause, time.monotonic() - 1)
            name = f"{sender}-{number}"
            number += 1
            try:
                if stream is None:
                    stream = await asyncio.open_connection("127.0.0.1", self.port)
                await self._deliver(name, *stream)
            except (OSError, asyncio.IncompleteReadError):
                self.lost += 1
                stream = None
                await asyncio.sleep(0.05)
        if stream:
            stream[1].close()

    async def _deliver(
        self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        contact = {"email": f"{name}@example.com", "name": "x" * 400}
        body = json.dumps({"id": name, "data": {"user": {"data": contact}}}).encode()
        self.sent.add(name)
        started = time.monotonic()
        head = f"POST /{SECRET}/load HTTP/1.1\r\nHost: h\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(len(b'{"status":"ok"}') if b" 200 " in answer else 0)
        self.waits.append(time.monotonic() - started)
        if answer.startswith(b"HTTP/1.1 200 "):
            self.acknowledged.add(name)
        else:
            self.refused += 1
            raise ConnectionResetError


SOAK = 15_000


@pytest.mark.parametrize("deliveries", [300, pytest.param(SOAK, marks=pytest.mark.soak)])
def test_nothing_acknowledged_is_lost_to_a_kill(
    listen: Callable[..., Listening], deliveries: int, record_property: Callable[..., None]
) -> None:
    receiver = listen()
    senders = Senders(receiver.port)
    sending = threading.Thread(target=senders.run)
    began = time.monotonic()
    sending.start()
    read: list[tuple[int, str]] = []

    def read_on() -> None:
        with SpoolReader(receiver.spool) as reader:
            for each in reader.deliveries(after=read[-1][0] if read else 0):
                assert each.email == f"{each.body['id']}@example.com"  # not torn
                read.append((each.sequence, each.body["id"]))

    def so_many_more() -> None:
        """Read while they come."""
        enough = len(senders.acknowledged) + deliveries

        def come() -> bool:
            time.sleep(0.1)
            read_on()
            return len(senders.acknowledged) >= enough

        eventually(come, within=deliveries)

    try:
        so_many_more()
        receiver.stop(signal.SIGKILL)
        receiver.start()
        so_many_more()
    finally:
        senders.done.set()
        sending.join()
    seconds = time.monotonic() - began
    assert receiver.stop() == 0
    read_on()

    numbers = [sequence for sequence, _ in read]
    assert numbers == sorted(set(numbers))
    assert numbers == [each.sequence for each in receiver.kept()]
    names = {name for _, name in read}
    assert senders.acknowledged <= names <= senders.sent
    assert senders.lost >= 1  # the kill was felt
    assert senders.refused == 0
    p50, p99 = (statistics.quantiles(senders.waits, n=100)[at] * 1e3 for at in (49, 98))
    told = (
        f"{len(senders.acknowledged)} deliveries in {seconds:.0f} s, "
        f"answered within {p50:.1f} ms (median), {p99:.1f} ms (99 of 100)"
    )
    record_property("load", told)
    print(told)
    if deliveries == SOAK:  # a few seconds on a busy machine say nothing of its speed
        assert len(senders.acknowledged) > PER_SECOND * (seconds - 3) * 0.5, told
        assert p99 < 1_000, told
