"""Deliveries to the URLs that were registered, as documented (docs/api-contract.md#webhooks)."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp

from customerly_sandbox.http import encoding
from customerly_sandbox.http.bodies import Amount, Share, read
from customerly_sandbox.models import records

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from customerly_sandbox.fields import Record
    from customerly_sandbox.models.contact import Contact
    from customerly_sandbox.models.store import Store

EVENTS = {
    "upsert": "user.updated",
    "delete": "user.deleted",
    "tag": "user.tagged",
    "untag": "user.untagged",
}
_KEPT = 10_000
_TIMEOUT = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True)
class Target:
    """A registered URL.

    Args:
        url: Where deliveries go; its query parameters are kept.
        events: Which: of `upsert`, `delete`, `tag`, `untag`.
        twice: The probability that a delivery comes twice.
        late: The probability that a delivery waits, and so can be overtaken.
        delay: The longest such wait, in seconds.
        seed: Of those.
    """

    url: str
    events: tuple[str, ...] = tuple(EVENTS)
    twice: Share = 0.0
    late: Share = 0.0
    delay: Amount = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")) or set(self.events) - set(EVENTS):
            message = f"a webhook needs an http URL and events of {', '.join(EVENTS)}"
            raise ValueError(message)


@dataclass
class _Line:
    """What waits for one target: in order, but for what is late."""

    target: Target
    dice: random.Random
    waiting: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    busy: bool = False


class Webhooks:
    """The registered URLs, and what was sent to them."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.clear()

    def clear(self) -> None:
        """No URL any more; what is on its way still arrives."""
        self.lines: list[_Line] = []
        self.deliveries: deque[Record] = deque(maxlen=_KEPT)

    def add(self, target: Record) -> Target:
        """Register a URL.

        Args:
            target: The arguments of a `Target`.

        Raises:
            ValueError: It cannot be one.
        """
        made = read(Target, target)
        self.lines.append(_Line(made, random.Random(made.seed)))
        return made

    def summary(self) -> Record:
        """The URLs, and the last deliveries."""
        return {
            "targets": [asdict(line.target) for line in self.lines],
            "deliveries": list(self.deliveries),
            "pending": len(self._tasks) + sum(len(line.waiting) for line in self.lines),
        }

    def send(self, store: Store, event: str, contact: Contact, more: Record) -> None:
        """Send off what happened to a contact, without waiting for it to arrive."""
        known = event != "delete"
        person = records.full(store, contact) if known else {**contact.core()}
        person = encoding.shape(person, store.quirks) if known else person
        key = store.quirks.webhook_event
        named = {} if key == "none" else {key: EVENTS[event]}
        body = encoding.encode(
            {
                **named,
                "timestamp": store.clock.now(),
                "data": {"user": {"type": contact.kind[:-1], "data": person}, **more},
            }
        )
        for line in self.lines:
            if event not in line.target.events:
                continue
            for _ in range(2 if line.dice.random() < line.target.twice else 1):
                if line.dice.random() < line.target.late:
                    wait = line.dice.random() * line.target.delay
                    self._spawn(self._late(line.target, body, event, wait))
                else:
                    line.waiting.append((event, body))
            if line.waiting and not line.busy:
                line.busy = True
                self._spawn(self._in_order(line))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _late(self, target: Target, body: bytes, event: str, wait: float) -> None:
        await asyncio.sleep(wait)
        await self._deliver(target, body, event)

    async def _in_order(self, line: _Line) -> None:
        while line.waiting:
            event, body = line.waiting.popleft()
            await self._deliver(line.target, body, event)
        line.busy = False

    async def _deliver(self, target: Target, body: bytes, event: str) -> None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT)
        try:
            async with self._session.post(
                target.url, data=body, headers={"Content-Type": "application/json"}
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.deliveries.append({"event": event, "url": target.url, "status": status})

    async def close(self) -> None:
        """Drop what has not arrived."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
