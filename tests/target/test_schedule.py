"""The scheduler alone: order, each operation once, checkpoints, pace and memory."""

from __future__ import annotations

import random
import threading
import time
import tracemalloc
from itertools import combinations, groupby
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from target_customerly.operations import Keys
from target_customerly.ordering.batches import Batch, Batches
from target_customerly.ordering.scheduler import Scheduler

from tests.support.waiting import LONG, eventually
from tests.target.jobs import ALONE, BY_ADDRESS, Job, Log, conflict, keys_of, own

# Few keys, so that most operations conflict with some other; a checkpoint is a None.
_key = st.sampled_from("abcd")
_mode = st.sampled_from([ALONE, "shared", "other"])
_keys = st.dictionaries(_key, _mode, max_size=3)
_operation = st.tuples(st.sampled_from("UTD"), _keys)
_item = st.one_of(_operation, _operation, st.none())
_stream = st.lists(_item, max_size=60)
_long_stream = st.lists(_item, min_size=20, max_size=60)  # else most are of five operations
_durations = st.lists(st.sampled_from([0, 0, 0.0005, 0.002]), min_size=1, max_size=7)


@settings(deadline=None, max_examples=50)
@given(_long_stream, st.integers(1, 9), st.integers(1, 12), st.integers(0, 99))
def test_an_operation_begins_when_all_that_it_conflicts_with_have_ended(
    stream, limit, at_once, seed
):
    """Whichever batch ends next, and however the operations come in."""
    chance = random.Random(seed)
    keys = [item[1] for item in stream if item is not None]
    jobs = [Job(item[0], keys_of(item[1]), n) for n, item in enumerate(filter(None, stream))]
    ended: set[int] = set()
    running: list[Batch[Job]] = []

    def begin(batch: Batch[Job]) -> None:
        numbers = [job.number for job in batch.operations]
        assert len(numbers) <= limit
        for number in numbers:
            before = {n for n in range(number) if conflict(keys[n], keys[number])}
            assert before <= ended
        running.append(batch)

    def end_some(most: int) -> None:
        for _ in range(min(most, len(running))):
            batch = running.pop(chance.randrange(len(running)))
            ended.update(job.number for job in batch.operations)
            batches.finish(batch)
            assert ended.issuperset(range(batches.finished))

    batches: Batches[Job] = Batches(lambda _kind: limit, begin)
    while jobs:
        _, same = next(groupby(jobs[:at_once], lambda job: job.batch_key))
        group = list(same)
        added = batches.add_together(group, now=0)
        if not added:
            batches.add(group[0], now=0)
        jobs = jobs[added or 1 :]
        end_some(chance.choice([0, 0, 1, 9]))
    batches.close_all(opened_before=1)
    while batches:
        assert running, "the rest waits for ever"
        end_some(1)
    assert batches.finished == len(keys) == len(ended)


@settings(deadline=None, max_examples=20)
@given(_stream, _durations, st.integers(1, 8), st.integers(1, 9), st.integers(1, 12))
def test_nobody_can_tell_the_order_from_the_given_one(stream, durations, workers, limit, at_once):
    log = Log(lambda batch: durations[batch[0] % len(durations)])
    keys: list[dict[Any, str]] = []
    with log.schedule(workers=workers, limit=lambda _kind: limit) as scheduler:
        jobs: list[Job] = []
        for item in [*stream, "end"]:
            if not isinstance(item, tuple) or len(jobs) == at_once:
                scheduler.submit(jobs)
                jobs = []
            if item is None:
                scheduler.checkpoint(len(keys))
            elif item != "end":
                jobs.append(Job(item[0], keys_of(item[1]), len(keys)))
                keys.append(item[1])
    assert sorted(log.ended) == list(range(len(keys)))
    assert log.most_at_once <= workers
    assert all(len(batch) <= limit for batch in log.batches)
    for earlier, later in combinations(range(len(keys)), 2):
        if conflict(keys[earlier], keys[later]):
            assert log.ended[earlier] < log.began[later]
    assert_checkpoints_are_true(log, [value for value, _ in log.released])
    if None in stream:
        last = [place for place, item in enumerate(stream) if item is None][-1]
        assert log.released[-1][0] == sum(item is not None for item in stream[:last])


def assert_checkpoints_are_true(log: Log, values: list[int]) -> None:
    assert values == sorted(set(values))
    for value, ended in log.released:
        assert ended.issuperset(range(value))


def test_operations_of_one_batch_keep_their_order():
    log = Log()
    with log.schedule(limit=lambda _kind: 10) as scheduler:
        for number in range(95):
            scheduler.submit([Job("U", own(number), number)])
    assert all(batch == sorted(batch) for batch in log.batches)
    assert sorted(map(len, log.batches)) == [5, *[10] * 9]


def test_kinds_that_take_turns_still_fill_their_batches():
    """Each contact is upserted, then tagged: the tags wait, and travel together."""
    log = Log()
    with log.schedule(limit=lambda _kind: 50) as scheduler:
        for number in range(50):
            scheduler.submit([Job("U", own(number), 2 * number)])
            scheduler.submit([Job("T", own(number), 2 * number + 1)])
    assert sorted(map(len, log.batches)) == [50, 50]


def test_batches_stay_full_while_the_input_is_faster_than_the_workers():
    log = Log(lambda _batch: 0.002)
    with log.schedule(workers=2, limit=lambda _kind: 10) as scheduler:
        for number in range(500):
            scheduler.submit([Job("U", own(number), number)])
    assert len(log.batches) == 50
    assert log.most_at_once == 2


def test_all_workers_are_busy():
    eight = threading.Barrier(8)  # nobody goes on before eight are at it

    def together(_batch: object) -> float:
        eight.wait(LONG)
        return 0

    log = Log(together)
    with log.schedule(workers=8, limit=lambda _kind: 1) as scheduler:
        for number in range(160):
            scheduler.submit([Job("D", own(number), number)])
    assert len(log.ended) == 160


def test_a_shared_key_holds_nobody_up_and_a_change_of_mode_does():
    log = Log(lambda _batch: 0.005)
    with log.schedule(limit=lambda _kind: 5) as scheduler:
        for number in range(20):
            scheduler.submit([Job("U", Keys(shared=BY_ADDRESS), number)])
        scheduler.submit([Job("U", Keys(shared=frozenset({("users", "by id")})), 20)])
        scheduler.submit([Job("U", Keys(shared=BY_ADDRESS), 21)])
    assert log.most_at_once == 4
    assert max(log.ended[number] for number in range(20)) < log.began[20]
    assert log.ended[20] < log.began[21]


def test_the_limit_can_shrink_during_the_run():
    limits = {"U": 10}
    log = Log()
    with log.schedule(limit=limits.__getitem__) as scheduler:
        for number in range(20):
            scheduler.submit([Job("U", own(number), number)])
        limits["U"] = 3
        for number in range(20, 29):
            scheduler.submit([Job("U", own(number), number)])
    assert sorted(map(len, log.batches)) == [3, 3, 3, 10, 10]


def test_a_checkpoint_follows_while_the_input_stalls():
    log = Log()
    with log.schedule() as scheduler:
        scheduler.submit([Job("U", own("a"), 0)])
        scheduler.submit([Job("T", own("a"), 1)])
        scheduler.checkpoint("covered")
        eventually(lambda: log.released)
        assert log.released == [("covered", {0, 1})]


def test_a_checkpoint_before_anything_is_passed_on_at_once():
    log = Log()
    with log.schedule() as scheduler:
        scheduler.checkpoint("first")
        eventually(lambda: log.released)


def test_a_checkpoint_waits_for_a_slow_batch_and_only_the_newest_is_passed_on():
    slow = threading.Event()
    log = Log()

    def apply(kind, batch):
        if kind == "slow":
            assert slow.wait(5)
        log.apply(kind, batch)

    with Scheduler(apply, log.release, workers=2, limit=lambda _kind: 1) as scheduler:
        scheduler.submit([Job("slow", own("a"), 0)])
        for number in range(1, 4):
            scheduler.submit([Job("U", own(number), number)])
            scheduler.checkpoint(number)
        eventually(lambda: len(log.ended) == 3)
        assert log.released == []
        slow.set()
    assert log.released == [(3, {0, 1, 2, 3})]


def test_submit_waits_while_too_much_is_under_way():
    hang = threading.Event()
    log = Log()

    def apply(kind, batch):
        hang.wait(30)
        log.apply(kind, batch)

    scheduler: Scheduler[Job] = Scheduler(apply, print, workers=2, limit=lambda _kind: 10)
    submitted = []

    def fill() -> None:
        for number in range(1_000):
            scheduler.submit([Job(f"kind {number % 3}", own(number), number)])
            submitted.append(number)

    thread = threading.Thread(target=fill)
    thread.start()
    time.sleep(0.3)
    assert len(submitted) < 150
    assert scheduler.pending == len(submitted)
    hang.set()
    thread.join(10)
    scheduler.close()
    assert len(log.ended) == 1_000
    assert scheduler.pending == 0


def test_many_kinds_keep_their_number_of_open_batches_bounded():
    """A thousand tags, each a kind of its own."""
    log = Log()
    with log.schedule() as scheduler:
        for number in range(1_000):
            scheduler.submit([Job(number, own(number), number)])
            assert scheduler.pending < 200
    assert len(log.ended) == 1_000


def test_memory_is_flat():
    scheduler: Scheduler[Job] = Scheduler(
        lambda _kind, _batch: None, print, workers=8, limit=lambda _kind: 100
    )

    def peak(operations: int) -> int:
        tracemalloc.reset_peak()
        for number in range(operations):
            scheduler.submit([Job("U", Keys((number,), BY_ADDRESS), number)])
            scheduler.checkpoint(number)
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    few, many = peak(1_000), peak(5_000)
    tracemalloc.stop()
    assert many < few * 1.5 + 200_000
    scheduler.close()
