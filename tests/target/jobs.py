"""Operations that are nothing but numbers, and what became of them."""

from __future__ import annotations

import threading
import time
from typing import Any, NamedTuple

from target_customerly.operations import Keys
from target_customerly.ordering.scheduler import Scheduler

ALONE = "alone"
BY_ADDRESS = frozenset({("users", "by address")})


class Job(NamedTuple):
    """An operation that is nothing but a number."""

    batch_key: Any
    keys: Keys
    number: int


def conflict(one: dict[Any, str], other: dict[Any, str]) -> bool:
    """The definition, in one line."""
    return any(one[key] != other[key] or one[key] == ALONE for key in one.keys() & other.keys())


class Log:
    """Applies batches of operation numbers, and keeps when each began and ended."""

    def __init__(self, duration: Any = lambda _batch: 0) -> None:
        self.duration = duration
        self.batches: list[list[int]] = []
        self.began: dict[int, int] = {}
        self.ended: dict[int, int] = {}
        self.released: list[tuple[Any, set[int]]] = []
        self.at_once = self.most_at_once = self.moment = 0
        self.lock = threading.Lock()

    def apply(self, _kind: Any, jobs: list[Job]) -> None:
        batch = [job.number for job in jobs]
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.batches.append(batch)
            for number in batch:
                assert number not in self.began, "applied twice"
                self.moment += 1
                self.began[number] = self.moment
        time.sleep(self.duration(batch))
        with self.lock:
            self.at_once -= 1
            for number in batch:
                self.moment += 1
                self.ended[number] = self.moment

    def release(self, value: Any) -> None:
        with self.lock:
            self.released.append((value, set(self.ended)))

    def schedule(self, **settings: Any) -> Scheduler[Job]:
        settings = {"workers": 4, "limit": lambda _kind: 100, **settings}
        return Scheduler(self.apply, self.release, **settings)


def own(*keys: Any) -> Keys:
    return Keys(keys)


def keys_of(modes: dict[Any, str]) -> Keys:
    shared = frozenset((key, mode) for key, mode in modes.items() if mode != ALONE)
    return Keys(tuple(key for key, mode in modes.items() if mode == ALONE), shared)
