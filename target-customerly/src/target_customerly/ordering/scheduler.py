"""Apply operations concurrently in batches, preserving order between those that share a key.

It knows nothing of Singer or HTTP. `batches` decides what may be applied when; here are the threads
that apply it, and the one that passes checkpoints on.

**Checkpoints.** The newest one is passed on that everything before is finished for. A batch that
failed or was dropped stays unfinished for ever.

**Memory.** The input waits while too many closed batches are unfinished, and too many open ones
close the oldest, so it is bounded whatever the input's length.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from itertools import groupby
from operator import attrgetter
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic

from target_customerly.ordering.batches import Batches, Payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from target_customerly.operations import Keys
    from target_customerly.ordering.batches import Batch

_TICK = 0.25  # seconds between two looks at what has been open for too long
_CLOSED_A_WORKER = 4  # unfinished closed batches for each worker before the input has to wait
_batch_key = attrgetter("batch_key")


def _go_on() -> None:
    """Nothing ends the waiting."""


class Scheduler(Generic[Payload]):
    """Applies operations in batches, several at once.

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
        self._patience = patience
        self._check_outside = check
        self._most_closed = _CLOSED_A_WORKER * workers
        self._lock = threading.Lock()
        self._progress = threading.Condition(self._lock)  # for the thread that reads the input
        self._covered = threading.Condition(self._lock)  # for the thread that passes on
        self._ready: SimpleQueue[Batch[Payload] | None] = SimpleQueue()
        self._batches: Batches[Payload] = Batches(limit, self._ready.put)
        self._checkpoints: deque[tuple[int, object]] = deque()
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
            return self._batches.pending

    def touched(self, all_keys: Sequence[Keys]) -> list[bool]:
        """Tell of operations whether they would have to wait for another.

        Args:
            all_keys: The keys of each.

        Returns:
            True for each with which an unfinished operation conflicts.
        """
        with self._lock:
            return self._batches.touched(all_keys)

    def submit(self, operations: Iterable[Payload]) -> None:
        """Take operations; blocks while too much is under way.

        Args:
            operations: In the order received; handed to `apply`.

        Raises:
            BaseException: What `apply` or `released` raised, now or before.
        """
        for _, group in groupby(operations, _batch_key):
            left = list(group)
            while left:
                left = left[self._submit_together(left) :]

    def checkpoint(self, value: object) -> None:
        """Take a checkpoint; it is passed on when all that was submitted before is finished.

        Args:
            value: Handed to `released`, unless a newer one can be released at the same time.

        Raises:
            BaseException: What `apply` or `released` raised before.
        """
        with self._lock:
            self._check()
            received = self._batches.received
            if self._checkpoints and self._checkpoints[-1][0] == received:
                self._checkpoints.pop()
            self._checkpoints.append((received, value))
            if not self._batches:
                self._covered.notify()

    def drain(self) -> None:
        """Apply all that was submitted; more can follow.

        Raises:
            BaseException: What `apply` or `released` raised.
        """
        with self._lock:
            self._batches.close_all(opened_before=float("inf"))
            while self._batches and not self._stopping:
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

    def _submit_together(self, operations: list[Payload]) -> int:
        """Take some operations of one batch key, the first ones; return how many."""
        with self._lock:
            self._await_room()
            added = self._batches.add_together(operations, time.monotonic())
            if added:
                return added
            for one in operations:
                self._await_room()
                self._batches.add(one, time.monotonic())
        return len(operations)

    # --- with the lock held --------------------------------------------------------------------

    def _await_room(self) -> None:
        while self._batches.closed >= self._most_closed and not self._stopping:
            self._wait()
        self._check()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error
        if self._stopping:
            message = "the scheduler was ended: it takes nothing more"
            raise RuntimeError(message)

    def _wait(self) -> None:
        self._progress.wait(_TICK)
        self._check_outside()

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
                    self._batches.finish(batch)
                    self._progress.notify()
                    if self._checkpoints:
                        self._covered.notify()

    def _keep(self) -> None:
        """Pass on checkpoints, and apply what has been open for long: the input may stall."""
        while True:
            with self._lock:
                self._batches.close_all(opened_before=time.monotonic() - self._patience)
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

    def _take_covered(self) -> list[object]:
        """Take the checkpoints out that all before is finished for, the newest last."""
        finished = self._batches.finished
        covered = []
        while self._checkpoints and self._checkpoints[0][0] <= finished:
            covered.append(self._checkpoints.popleft()[1])
        return covered
