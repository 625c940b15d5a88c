"""The rate limiter, in simulated time: what limits cost, how they are kept and forgotten."""

from __future__ import annotations

import random
import threading
from collections import Counter, deque

import pytest
from customerly.answers import Meaning
from customerly.rate_limit import RateLimiter
from customerly.retries import Retries

from .virtual_clock import VirtualClock

LATENCY = 0.004


class Run:
    """Some requests, sent by a few threads to a server that decides by the moment."""

    def __init__(self, server, requests, *, threads=4, ceiling=None, latency=LATENCY, seed=0):
        random.seed(seed)
        self.count = Counter()
        self.accepted_at = []
        self._server = server
        self._latency = latency
        self._clock = VirtualClock(threads)
        self._limiter = RateLimiter(ceiling, self._clock)
        self._todo = deque(range(requests))
        workers = [threading.Thread(target=self._work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.seconds = self._clock.now()

    @property
    def refused(self):
        return self.count[429] / self.count.total()

    def _work(self):
        try:
            while self._todo:
                self._todo.popleft()
                self._send()
        finally:
            self._clock.done()

    def _send(self):
        retries = Retries(6, 300)
        while True:
            left_at = self._limiter.acquire()
            self._clock.wait(self._latency / 2)
            status, retry_after = self._server(self._clock.now())
            self._clock.wait(self._latency / 2)
            self.count[status] += 1
            hint = retries.hint(retry_after)
            if status == 429:
                self._limiter.refused(left_at, hint)
            else:
                self._limiter.accepted(left_at)
            if status == 200:
                self.accepted_at.append(self._clock.now())
                return
            meaning = Meaning.SLOW_DOWN if status == 429 else Meaning.AGAIN
            wait = retries.wait(meaning, hint, self._clock.now())
            assert wait is not None, "gave up"
            self._clock.wait(wait)


def faultless(_now):
    return 200, None


def by_chance(share, *retry_after, failures=0.0):
    """Refuses a share of the requests, whatever their rate."""
    chance = random.Random(7)

    def answer(_now):
        drawn = chance.random()
        if drawn < share:
            return 429, chance.choice(retry_after or (None,))
        return (500 if drawn < share + failures else 200), None

    return answer


def sliding_window(limit, retry_after=None):
    """Takes so many requests in any second."""
    taken = deque()

    def answer(now):
        while taken and taken[0] <= now - 1:
            taken.popleft()
        if len(taken) >= limit:
            return 429, retry_after
        taken.append(now)
        return 200, None

    return answer


def fixed_window(limit, retry_after=None):
    """Takes so many requests in each second of the clock."""
    sent = Counter()

    def answer(now):
        sent[int(now)] += 1
        return (429, retry_after) if sent[int(now)] > limit else (200, None)

    return answer


def bucket(limit, retry_after=None):
    """Fills at a rate, and holds a second's worth."""
    state = {"tokens": float(limit), "at": 0.0}

    def answer(now):
        state["tokens"] = min(limit, state["tokens"] + (now - state["at"]) * limit)
        state["at"] = now
        if state["tokens"] < 1:
            return 429, retry_after
        state["tokens"] -= 1
        return 200, None

    return answer


@pytest.mark.parametrize("seed", range(2))
def test_passing_faults_do_not_collapse_the_rate(seed):
    """2 % each of `Retry-After: 0`, none, a moment that has passed; and 2 % of other faults."""
    run = Run(by_chance(0.06, 0, None, -1, failures=0.02), 2_000, seed=seed)
    assert run.seconds < 20


@pytest.mark.parametrize("seed", range(2))
def test_refusals_by_chance_cost_at_most_half_of_the_speed(seed):
    assert Run(by_chance(0.05), 2_000, seed=seed).seconds < 2 * Run(faultless, 2_000).seconds


@pytest.mark.parametrize("retry_after", [None, 1])
@pytest.mark.parametrize("limit", [5, 20, 100])
@pytest.mark.parametrize("server", [sliding_window, fixed_window, bucket])
def test_a_true_limit_is_kept(server, limit, retry_after):
    requests = max(5 * limit, 60)
    run = Run(server(limit, retry_after), requests)
    assert run.refused <= 0.15
    assert run.seconds < 1.8 * requests / limit


@pytest.mark.parametrize("limit", [5, 20, 100])
def test_a_limit_that_is_gone_is_forgotten_within_seconds(limit):
    limited = sliding_window(limit)
    run = Run(lambda now: limited(now) if now < 10 else (200, None), 10 * limit + 1_500)
    assert run.seconds < 10 + 20
    assert run.seconds > 10


def test_a_quota_that_was_used_up_leaves_the_rate_as_it_was():
    """Nothing got through for half a minute, which says nothing of the rate."""
    run = Run(lambda now: (429, None) if 1 < now < 31 else (200, None), 4_000)
    assert run.seconds < 31 + 15 + 4_000 * LATENCY / 4 * 2


def test_everybody_waits_as_long_as_the_api_asks():
    asked = []

    def answer(now):
        if not asked:
            asked.append(now)
            return 429, 30
        assert not asked[0] + LATENCY < now < asked[0] + 30, "a request left meanwhile"
        return 200, None

    assert 30 < Run(answer, 50).seconds < 32


def test_a_ceiling_is_never_exceeded():
    run = Run(faultless, 100, ceiling=20)
    moments = run.accepted_at
    assert all(moments[i + 20] - moments[i] > 0.95 for i in range(len(moments) - 20))


@pytest.mark.parametrize("retry_after", [0, -5, 301, 60_000, float("inf"), float("nan"), None])
def test_a_hint_that_says_nothing_leaves_it_to_the_backoff(retry_after):
    retries = Retries(6, 300)
    assert retries.hint(retry_after) is None
    waits = [retries.wait(Meaning.SLOW_DOWN, None, moment) for moment in range(20)]
    assert all(wait is not None and 0 <= wait <= 10 for wait in waits)


def test_refusals_are_bounded_by_time_and_failures_by_their_number():
    retries = Retries(2, 300)
    assert retries.wait(Meaning.SLOW_DOWN, None, 0.0) is not None
    assert retries.wait(Meaning.AGAIN, None, 1.0) is not None
    assert retries.wait(Meaning.SLOW_DOWN, 40, 290.0) == 10
    assert retries.wait(Meaning.SLOW_DOWN, None, 300.0) is None
    assert retries.wait(Meaning.AGAIN, None, 300.0) is None
