"""How a read ends: by an error, a consumer that stops, a signal."""

from __future__ import annotations

import itertools
import signal
import subprocess
import sys
import threading

import pytest
from tap_customerly.pagination import Reader

from tests.support.waiting import LONG
from tests.tap.lists import Quiet, collect


class Trouble(Exception):
    pass


@pytest.mark.parametrize("at", [0, 1, 5, 12, 40])
@pytest.mark.parametrize("workers", [1, 8])
def test_an_error_comes_out_as_it_is_and_the_workers_end(at, workers):
    fetch, stuck, gave_up = Quiet(100_000), threading.Event(), []
    numbers = itertools.count()  # one for each call, whichever threads make them

    def failing(*args):
        number = next(numbers)
        if number > at + 2 * workers and not stuck.wait(LONG):
            gave_up.append(number)
        if number >= at:  # several: the search gives up probes, and nobody misses those
            raise Trouble(at)
        return fetch(*args)

    before = set(threading.enumerate())
    with pytest.raises(Trouble):
        collect(Reader(failing, 100, workers).changes())
    assert gave_up == []
    stuck.set()
    ended(set(threading.enumerate()) - before)


def test_a_consumer_that_stops_ends_the_workers_at_once():
    fetch, stuck, gave_up = Quiet(100_000), threading.Event(), []

    def slow(*args):
        if len(fetch.asked) > 50 and not stuck.wait(LONG):
            gave_up.append(args)
        return fetch(*args)

    before = set(threading.enumerate())
    batches = Reader(slow, 100, 8).changes()
    for _ in range(5):
        next(batches)
    batches.close()
    assert gave_up == []
    stuck.set()
    ended(set(threading.enumerate()) - before)


def ended(threads):
    for thread in threads:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in threads)


def test_ctrl_c_does_not_wait_for_a_slow_answer():
    program = (
        "import time; from tap_customerly.pagination import Reader, Row\n"
        "def fetch(*_): print('asked', flush=True); time.sleep(60)\n"
        "list(Reader(fetch).changes())"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=LONG)
    assert b"KeyboardInterrupt" in errors
