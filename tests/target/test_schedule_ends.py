"""How the scheduler ends: by an error, an interrupt, what hangs."""

from __future__ import annotations

import threading
import time

import pytest
from target_customerly.ordering.scheduler import Scheduler

from tests.support.waiting import LONG, eventually
from tests.target.jobs import Job, Log, own


class Broken(Exception):
    """What `apply` raises here."""


@pytest.mark.parametrize("where", ["submit", "checkpoint", "close"])
def test_an_error_ends_everything_and_moves_no_checkpoint(where):
    log = Log()

    def apply(kind, batch):
        if any(job.number == 3 for job in batch):
            raise Broken
        log.apply(kind, batch)

    scheduler = Scheduler(apply, log.release, workers=2, limit=lambda _kind: 1)
    for number in range(3):
        scheduler.submit([Job("U", own(number), number)])
    scheduler.checkpoint("before")
    scheduler.submit([Job("U", own("k"), 3)])
    scheduler.submit([Job("U", own("k"), 4)])
    calls = {
        "submit": lambda: [scheduler.submit([Job("U", own("x", n), n)]) for n in range(5, 500)],
        "checkpoint": lambda: [
            (scheduler.checkpoint("after"), time.sleep(0.01)) for _ in range(99)
        ],
        "close": lambda: (scheduler.checkpoint("after"), scheduler.close()),
    }
    with pytest.raises(Broken):
        calls[where]()
    scheduler.abort()
    assert 4 not in log.began, "it waited for what failed"
    assert [value for value, _ in log.released] == ["before"]
    with pytest.raises(Broken):
        scheduler.submit([Job("U", own("z"), 999)])


def test_the_first_error_wins():
    gate, failed = threading.Barrier(2), threading.Event()

    def apply(kind, batch):
        gate.wait(LONG)
        if batch[0].number == 1:
            assert failed.wait(LONG)
        raise Broken(batch[0].number)

    scheduler: Scheduler[Job] = Scheduler(apply, print, workers=2, limit=lambda _kind: 1)
    scheduler.submit([Job("U", own("a"), 0)])
    scheduler.submit([Job("U", own("b"), 1)])

    def has_failed() -> bool:
        try:
            scheduler.checkpoint("any")
        except Broken:
            failed.set()
        return failed.is_set()

    eventually(has_failed)
    with pytest.raises(Broken) as caught:
        scheduler.close()
    assert caught.value.args == (0,)


def test_what_the_checkpoint_raises_ends_everything_too():
    def release(value):
        raise BrokenPipeError

    scheduler: Scheduler[Job] = Scheduler(Log().apply, release, workers=2, limit=lambda _kind: 1)
    scheduler.submit([Job("U", own("a"), 0)])
    scheduler.checkpoint("any")
    with pytest.raises(BrokenPipeError):
        scheduler.close()


def test_an_interrupt_begins_nothing_more_and_passes_on_what_is_true():
    log = Log(lambda _batch: 0.05)

    def read_until_interrupted() -> None:
        with log.schedule(workers=1, limit=lambda _kind: 1) as scheduler:
            scheduler.submit([Job("U", own("a"), 0)])
            scheduler.checkpoint("covered")
            scheduler.submit([Job("U", own("b"), 1)])
            scheduler.submit([Job("U", own("a"), 2)])
            scheduler.checkpoint("never")
            eventually(lambda: 0 in log.began)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_until_interrupted()
    assert log.released == [("covered", {0})]
    assert 2 not in log.began


def test_abort_does_not_wait_for_ever_for_what_hangs():
    hang, ends = threading.Event(), []
    scheduler: Scheduler[Job] = Scheduler(
        lambda *_: ends.append(hang.wait(LONG)), print, workers=1, limit=lambda _kind: 1
    )
    scheduler.submit([Job("U", own("a"), 0)])
    scheduler.abort(grace=0.1)
    assert ends == []
    hang.set()
    with pytest.raises(RuntimeError, match="nothing more"):
        scheduler.submit([Job("U", own("b"), 1)])
