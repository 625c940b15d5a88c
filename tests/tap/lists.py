"""A list at rest, a pool whose latency takes no time, and what a reader made of them."""

from __future__ import annotations

import heapq
import json
from concurrent.futures import Future

from tap_customerly.pagination import Row

from tests.tap.shifting_list import contacts_of, text


class Quiet:
    """A list at rest, one contact a second, whose pages are made when they are asked for."""

    def __init__(self, contacts, *, second=lambda contact: contact, cap=100):
        self.contacts, self.second, self.cap = contacts, second, cap
        self.asked = []

    def __call__(self, page, per_page, descending):
        self.asked.append((page, descending))
        size = min(per_page, self.cap)
        places = range(page * size, min((page + 1) * size, self.contacts))
        if descending:
            places = [self.contacts - 1 - place for place in places]
        return [Row(place, text(self.second(place)), place) for place in places]


class Simulated:
    """A pool whose calls take `latency` seconds of a clock of its own."""

    def __init__(self, workers, latency):
        self.now, self.latency = 0.0, latency
        self.free = [0.0] * workers

    def submit(self, call, *args):
        begin = max(self.now, heapq.heappop(self.free))
        heapq.heappush(self.free, begin + self.latency)
        return Answer(self, begin + self.latency, call, args)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Answer(Future):
    def __init__(self, pool, at, call, args):
        super().__init__()
        self.pool, self.at, self.call, self.args = pool, at, call, args

    def result(self, timeout=None):  # noqa: ARG002 - as a future has it
        self.pool.now = max(self.pool.now, self.at)
        return self.call(*self.args)


def collect(batches):
    """All contacts, the states, and whether the last batch was a complete picture."""
    records, states, complete = [], [], False
    for batch in batches:
        records += contacts_of(batch.items)
        states += [json.loads(json.dumps(batch.state))] if batch.state is not None else []
        complete = batch.complete
    return records, states, complete


def ids(contacts):
    """Their keys; a contact of `Quiet` is its key."""
    return [c["crmhero_user_id"] if isinstance(c, dict) else c for c in contacts]
