"""Apply operations concurrently in batches, preserving order between those that share a key.

It knows nothing of Singer or HTTP. An operation has a *batch key* (operations of one batch key may
share a request) and *conflict keys*, each with a *mode*. Two operations conflict where they share a
key, unless both hold it in one shared mode; what does not conflict may be applied in any order.

**Why the order holds.** Operations are collected in batches, numbered as they are opened. A batch
waits for others, and is applied when it is closed and all of those are finished.

1. An operation joins the open batch of its batch key only if that was opened after each unfinished
   batch that holds a conflicting operation; else a new one is opened, with the highest number of
   all. Either way its batch has a higher number than those, and waits for them: never for one
   with a higher number, so there is no circle.
2. So it never joins a batch that itself holds a conflicting operation, and of two conflicting
   operations the later one is in a batch that starts when that of the earlier one is finished.
3. Of those that hold a key exclusively only the latest is remembered: it waits for the one before.
4. Who meets a *shared* key in another mode closes the batches that hold it. So an open batch that
   holds a key in a shared mode has met everything that conflicts with one more operation in that
   mode: it need not be looked for again, which is what makes the usual operation cheap.
5. A batch that is closed closes those it waits for. So a closed batch waits for closed ones only,
   the lowest of them waits for none, and the run always gets on.

**Checkpoints.** The first operations of the batches come in the order of their numbers, so all that
was received before the first operation of the lowest unfinished batch is finished: the newest
checkpoint among that is passed on. A batch that failed or was dropped stays unfinished for ever.

**Memory.** The input waits while too many closed batches are unfinished, and too many open ones
close the oldest, so it is bounded whatever the input's length.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from types import TracebackType
    from typing import Self

    Keys = Sequence[tuple[Hashable, str]]

Payload = TypeVar("Payload")

EXCLUSIVE = "x"
"""The mode that conflicts with every other and with itself; all other modes are shared."""


def _go_on() -> None:
    """Nothing ends the waiting."""


_TICK = 0.25  # seconds between two looks at what has been open for too long
_CLOSED_A_WORKER = 4  # unfinished closed batches for each worker before the input has to wait
_MOST_OPEN = 64  # open batches, of as many batch keys, before the oldest goes out half empty


@dataclass(slots=True, eq=False)
class _Batch(Generic[Payload]):
    """Operations that are applied together.

    Attributes:
        number: In the order of opening.
        batch_key: What its operations have in common.
        room: The most operations that it takes.
        first: Number of operations received before its first.
        opened_at: `time.monotonic()` seconds.
        operations: What to apply, in the order received.
        own: Keys that its operations hold exclusively.
        shared: Keys, with their modes, that they share with other batches.
        waits_for: The unfinished batches that it must wait for.
        followers: Batches that wait for this one.
        is_open: Whether operations may still join.
    """

    number: int
    batch_key: Hashable
    room: int
    first: int
    opened_at: float
    operations: list[Payload] = field(default_factory=list)
    own: list[Hashable] = field(default_factory=list)
    shared: set[tuple[Hashable, str]] = field(default_factory=set)
    waits_for: set[_Batch[Payload]] = field(default_factory=set)
    followers: list[_Batch[Payload]] = field(default_factory=list)
    is_open: bool = True


class Scheduler(Generic[Payload]):
    """Apply operations concurrently in batches, preserving order between those that share a key.

    All methods are called from one thread, the one that reads the input. As a context manager it
    closes at the end, and aborts where an exception, an interrupt too, ends the block.

    Args:
        apply: Applies a batch, given its batch key and operations; called from the workers. When
            it returns, each operation is applied or rejected for good. What it raises ends
            everything: nothing more is begun, and the first error is raised wherever the input
            is read.
        released: Takes the newest checkpoint that all before is finished for; called from one
            thread of its own, so never twice at once. What it raises ends everything as well.
        workers: Batches that are applied at once.
        limit: The most operations in a batch of a batch key, at least 1; asked whenever one is
            opened, so that it can shrink while the run goes on.
        patience: Seconds after which an open batch is applied as it is.
        check: Called now and then while the input has to wait; what it raises ends the waiting.
    """

    def __init__(
        self,
        apply: Callable[[Any, list[Payload]], None],
        released: Callable[[object], None],
        *,
        workers: int,
        limit: Callable[[Any], int],
        patience: float = 0.5,
        check: Callable[[], None] = _go_on,
    ) -> None:
        self._apply = apply
        self._released = released
        self._limit = limit
        self._patience = patience
        self._check_outside = check
        self._most_closed = _CLOSED_A_WORKER * workers
        self._lock = threading.Lock()
        self._progress = threading.Condition(self._lock)  # for the thread that reads the input
        self._covered = threading.Condition(self._lock)  # for the thread that passes on
        self._ready: SimpleQueue[_Batch[Payload] | None] = SimpleQueue()
        self._unfinished: dict[int, _Batch[Payload]] = {}
        self._open: dict[Hashable, _Batch[Payload]] = {}
        self._owners: dict[Hashable, _Batch[Payload]] = {}
        self._sharers: dict[Hashable, dict[str, set[_Batch[Payload]]]] = {}
        self._checkpoints: deque[tuple[int, object]] = deque()
        self._received = 0
        self._numbers = 0
        self._error: BaseException | None = None
        self._stopping = False
        self._ended = False
        self._workers = [
            threading.Thread(target=self._work, name=f"worker-{i}", daemon=True)
            for i in range(workers)
        ]
        self._keeper = threading.Thread(target=self._keep, name="checkpoints", daemon=True)
        for thread in (*self._workers, self._keeper):
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        if error_type is None:
            self.close()
        else:
            self.abort()

    @property
    def pending(self) -> int:
        """Operations received and not yet finished."""
        with self._lock:
            return sum(len(batch.operations) for batch in self._unfinished.values())

    def touched(self, all_keys: Sequence[Keys]) -> list[bool]:
        """Tell of operations whether they would have to wait for another.

        Args:
            all_keys: The keys of each, as of `submit`.

        Returns:
            True for each with which an unfinished operation conflicts.
        """
        with self._lock:
            return [self._touches(keys) for keys in all_keys]

    def _touches(self, keys: Keys) -> bool:
        owners, all_sharers = self._owners, self._sharers
        for key, mode in keys:
            if key in owners:
                return True
            if key in all_sharers:
                sharers = all_sharers[key]
                if (mode == EXCLUSIVE and sharers) or any(other != mode for other in sharers):
                    return True
        return False

    def submit(self, batch_key: Hashable, keys: Keys, operation: Payload) -> None:
        """Take an operation; blocks while too much is under way.

        Args:
            batch_key: What it can share a request with.
            keys: What it touches, each with the mode in which it does; no key twice.
            operation: Handed to `apply`.

        Raises:
            BaseException: What `apply` or `released` raised, now or before.
        """
        with self._lock:
            while len(self._unfinished) - len(self._open) >= self._most_closed:
                if self._stopping:
                    break
                self._wait()
            self._check()
            batch = self._open.get(batch_key)
            conflicts = self._conflicts(keys, batch)
            if batch is None:
                batch = self._open_batch(batch_key)
            elif conflicts and max(other.number for other in conflicts) >= batch.number:
                self._close(batch)
                batch = self._open_batch(batch_key)
            for other in conflicts - batch.waits_for if conflicts else ():
                batch.waits_for.add(other)
                other.followers.append(batch)
            self._hold(batch, keys)
            batch.operations.append(operation)
            self._received += 1
            if len(batch.operations) >= batch.room:
                self._close(batch)

    def checkpoint(self, value: object) -> None:
        """Take a checkpoint; it is passed on when all that was submitted before is finished.

        Args:
            value: Handed to `released`, unless a newer one can be released at the same time.

        Raises:
            BaseException: What `apply` or `released` raised before.
        """
        with self._lock:
            self._check()
            if self._checkpoints and self._checkpoints[-1][0] == self._received:
                self._checkpoints.pop()
            self._checkpoints.append((self._received, value))
            if not self._unfinished:
                self._covered.notify()

    def drain(self) -> None:
        """Apply all that was submitted; more can follow.

        Raises:
            BaseException: What `apply` or `released` raised.
        """
        with self._lock:
            for batch in list(self._open.values()):
                self._close(batch)
            while self._unfinished and not self._stopping:
                self._wait()
            if self._error is not None:
                raise self._error

    def close(self) -> None:
        """Apply all that was submitted, release the last checkpoint and end the threads.

        Raises:
            BaseException: What `apply` or `released` raised.
        """
        try:
            self.drain()
        finally:
            self.abort()
        if self._error is not None:
            raise self._error

    def abort(self, grace: float = 5.0) -> None:
        """Drop what has not begun, wait for what has, and end the threads.

        Checkpoints that are covered by then are still passed on.

        Args:
            grace: Seconds to wait for what has begun; after that nothing more is passed on.
        """
        until = time.monotonic() + grace
        with self._lock:
            self._stopping = True
        for _ in self._workers:
            self._ready.put(None)
        for worker in self._workers:
            worker.join(max(0.0, until - time.monotonic()))
        with self._lock:
            self._ended = True
            self._covered.notify()
        self._keeper.join(max(0.3, until - time.monotonic()))

    # --- with the lock held --------------------------------------------------------------------

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
        if self._stopping:
            message = "the scheduler was ended: it takes nothing more"
            raise RuntimeError(message)

    def _wait(self) -> None:
        self._progress.wait(_TICK)
        self._check_outside()

    def _conflicts(
        self, keys: Keys, batch: _Batch[Payload] | None
    ) -> set[_Batch[Payload]] | frozenset[_Batch[Payload]]:
        """Find the unfinished batches that hold one of the keys in a mode that conflicts."""
        found: set[_Batch[Payload]] | frozenset[_Batch[Payload]] = frozenset()
        held: set[tuple[Hashable, str]] | tuple[()] = batch.shared if batch else ()
        owners, all_sharers = self._owners, self._sharers
        for pair in keys:
            if pair in held:
                continue  # point 4 of the proof
            key, mode = pair
            if key in owners:
                found |= {owners[key]}
            if key in all_sharers:
                for other, sharers in all_sharers[key].items():
                    if other != mode:
                        found |= sharers
                        for sharer in sharers:
                            self._close(sharer)
        return found

    def _hold(self, batch: _Batch[Payload], keys: Keys) -> None:
        for pair in keys:
            key, mode = pair
            if mode == EXCLUSIVE:
                self._owners[key] = batch
                batch.own.append(key)
            elif pair not in batch.shared:
                batch.shared.add(pair)
                self._sharers.setdefault(key, {}).setdefault(mode, set()).add(batch)

    def _open_batch(self, batch_key: Hashable) -> _Batch[Payload]:
        if len(self._open) >= _MOST_OPEN:
            self._close(next(iter(self._open.values())))
        self._numbers += 1
        room = max(1, self._limit(batch_key))
        batch: _Batch[Payload] = _Batch(
            self._numbers, batch_key, room, self._received, time.monotonic()
        )
        self._unfinished[batch.number] = self._open[batch_key] = batch
        return batch

    def _close(self, batch: _Batch[Payload]) -> None:
        """Let nothing more in, neither here nor in those it waits for; start what can start."""
        if not batch.is_open:
            return
        batch.is_open = False
        del self._open[batch.batch_key]
        for other in batch.waits_for:
            self._close(other)
        if not batch.waits_for:
            self._ready.put(batch)

    def _finish(self, batch: _Batch[Payload]) -> None:
        del self._unfinished[batch.number]
        for key in batch.own:
            if self._owners.get(key) is batch:
                del self._owners[key]
        for key, mode in batch.shared:
            modes = self._sharers[key]
            modes[mode].discard(batch)
            if not modes[mode]:
                del modes[mode]
            if not modes:
                del self._sharers[key]
        for follower in batch.followers:
            follower.waits_for.discard(batch)
            if not follower.waits_for and not follower.is_open:
                self._ready.put(follower)
        self._progress.notify()
        if self._checkpoints:
            self._covered.notify()

    def _fail(self, error: BaseException) -> None:
        self._error = self._error or error
        self._stopping = True
        self._progress.notify()

    # --- threads -------------------------------------------------------------------------------

    def _work(self) -> None:
        while (batch := self._ready.get()) is not None:
            if self._stopping:
                continue
            try:
                self._apply(batch.batch_key, batch.operations)
            except BaseException as error:  # noqa: BLE001 - raised again where the input is read
                with self._lock:
                    self._fail(error)
            else:
                with self._lock:
                    self._finish(batch)

    def _keep(self) -> None:
        """Pass on checkpoints, and apply what has been open for long: the input may stall."""
        while True:
            with self._lock:
                self._close_stale()
                covered = self._take_covered()
                if not covered:
                    if self._ended:
                        return
                    self._covered.wait(_TICK)
                    continue
            try:
                self._released(covered[-1])
            except BaseException as error:  # noqa: BLE001 - raised again where the input is read
                with self._lock:
                    self._fail(error)
                return

    def _close_stale(self) -> None:
        stale = time.monotonic() - self._patience
        for batch in [batch for batch in self._open.values() if batch.opened_at < stale]:
            self._close(batch)

    def _take_covered(self) -> list[object]:
        """Take the checkpoints out that all before is finished for, the newest last."""
        finished = next((batch.first for batch in self._unfinished.values()), self._received)
        covered = []
        while self._checkpoints and self._checkpoints[0][0] <= finished:
            covered.append(self._checkpoints.popleft()[1])
        return covered
