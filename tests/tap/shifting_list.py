"""A list of contacts that shifts while it is read, and a schedule that decides when.

No threads: the reader asks for pages and waits for them, and whenever it does, the schedule lets a
request that is underway see the list, or the list change, or time pass, in an order that hypothesis
chooses. So a failure can be played again, and shrinks.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import deque
from concurrent.futures import Future

from tap_customerly.pagination import Row

EPOCH = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
"""Second 0 of the server's clock."""


def text(second):
    return (EPOCH + dt.timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ")


def row(record):
    """A contact in its place in the list, as the reader takes it."""
    return Row(record["crmhero_user_id"], record["last_update"] or "", record)


def contacts_of(rows):
    return [row.contact for row in rows]


class Endless(AssertionError):
    """A read that asks for ever."""


class ShiftingList:
    """The server's list.

    Args:
        ties: how contacts of one second are ordered: "change", "id" or "-id"; "chance": anew at
            each request; "page": in another way for each page.
        cap: no page is longer.
        directions: whether the server heeds the direction that is asked for.

    Attributes:
        seen: the contacts at each of the last requests.
    """

    def __init__(self, ties="change", cap=100, directions=True):
        self.ties, self.cap, self.directions = ties, cap, directions
        self.now = 1_000.0
        self.changes = 0
        self.ids = 0
        self.contacts = {}
        self.seen = deque(maxlen=4)
        self.shows_direction = True
        self.requests = 0

    @property
    def second(self):
        return int(self.now)

    def insert(self, second=None):
        self.ids += 1
        self._put(self.ids, self.second if second is None else second)

    def insert_without_time(self):
        self.ids += 1
        self._put(self.ids, None)

    def update(self, contact):
        self._put(contact, self.second)

    def delete(self, contact):
        del self.contacts[contact]

    def _put(self, contact, second):
        self.changes += 1
        value = None if second is None else text(second)
        record = {"crmhero_user_id": contact, "last_update": value, "change": self.changes}
        self.contacts[contact] = record

    def rows(self, page=0):
        seed = {"chance": self.requests, "page": page}.get(self.ties)
        tie = {
            "change": lambda record: record["change"],
            "id": lambda record: record["crmhero_user_id"],
            "-id": lambda record: -record["crmhero_user_id"],
        }.get(self.ties) or (lambda record: hash((seed, record["crmhero_user_id"])))
        return sorted(self.contacts.values(), key=lambda r: (r["last_update"] or "", tie(r)))

    def page(self, number, per_page, descending):
        self.requests += 1
        self.seen.append(dict(self.contacts))
        size = min(per_page, self.cap)
        rows = self.rows(number)
        if descending and self.directions:
            rows.reverse()
        page = rows[number * size : (number + 1) * size]
        self.shows_direction = len({record["last_update"] for record in page}) != 1
        return [row(record) for record in page]


class Schedule:
    """In place of the reader's pool: decides what happens between and during requests.

    Args:
        server: the list.
        script: numbers that decide, one after the other; when they are used up, nothing changes
            any more and requests are answered in order.
        pace: at every so many occasions, on average, the list changes or time passes.
    """

    def __init__(self, server, script, pace=2, most_requests=3_000):
        self.server = server
        self.pace = pace
        self.script = iter(script)
        self.workers = 1
        self.most_requests = server.requests + most_requests
        self.underway = deque()
        self.after_answer = []
        self.quiet = False

    def read_with(self, workers):
        """Start another run with so many workers."""
        self.workers = workers
        self.underway.clear()
        return self

    def submit(self, call, *args):
        self.happen()
        future = _Future(self)
        self.underway.append((future, call, args))
        return future

    def close(self):
        self.underway.clear()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def clock(self):
        return self.server.now

    def sleep(self, seconds):
        self.server.now += seconds + 0.001
        self.happen()

    def wait_for(self, future):
        """Let things happen until the answer is there, and maybe some more."""
        while not future.done():
            self.happen()
            self._answer()
        for _ in range(self._draw(3)):
            if self.underway:
                self._answer()
        self.happen()

    def happen(self):
        """Let the list change, or not."""
        while self._draw(self.pace) == self.pace - 1:
            self._change()

    def _draw(self, choices):
        for number in self.script:
            return number % choices
        self.quiet = True
        return 0

    def _change(self):
        server, what = self.server, self._draw(8)
        if what < 3:
            server.now += (0.2, 0.7, 1.5)[what]
        elif what == 3 or not server.contacts:
            server.insert()
        elif what == 7 and self._draw(8) == 7:
            for contact in list(server.contacts)[:: 1 + self._draw(3)]:
                server.delete(contact)
        else:
            rows = server.rows()
            contact = rows[self._draw(256) * len(rows) // 256]["crmhero_user_id"]
            (server.update if what < 6 else server.delete)(contact)

    def _answer(self):
        """One of the requests that the workers hold sees the list as it is now."""
        while self.underway and self.underway[0][0].cancelled():
            self.underway.popleft()
        held = min(self.workers, len(self.underway))
        if not held:
            return
        at = self._draw(held)
        future, call, args = self.underway[at]
        del self.underway[at]
        if not future.set_running_or_notify_cancel():
            return
        if self.server.requests > self.most_requests:
            raise Endless(f"more than {self.most_requests} requests")
        future.set_result(call(*args))


class _Future(Future):
    """An answer that the schedule brings about when it is waited for."""

    def __init__(self, schedule):
        super().__init__()
        self.schedule = schedule

    def result(self, timeout=None):
        self.schedule.wait_for(self)
        return super().result(timeout)


def script(seed, length):
    """Numbers that decide what happens, as many as a shrunk example needs."""
    chance = random.Random(seed)
    return [chance.randrange(256) for _ in range(length)]
