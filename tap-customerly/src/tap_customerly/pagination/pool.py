"""A pool of worker threads that never keeps the process waiting.

`concurrent.futures.ThreadPoolExecutor` joins its threads when the interpreter ends, so that Ctrl-C
would wait for an answer that takes a minute. These threads are daemons: they end with the process.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import TracebackType

_READING = 2  # threads beside those whose requests are in flight

Item = TypeVar("Item")
Result = TypeVar("Result")

Task = tuple[Future[Any], "Callable[..., Any]", tuple[Any, ...]]


def threads_for(in_flight: int) -> int:
    """Return how many threads keep requests in flight: some more, which read what has come.

    Args:
        in_flight: Requests at once, to which the client holds however many threads ask.
    """
    return in_flight + _READING if in_flight > 1 else 1


class Pool:
    """Runs calls in at most `size` threads, first come first served.

    Args:
        size: how many calls run at once, at least 1.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._threads = 0
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()

    def submit(self, call: Callable[..., Result], *args: object) -> Future[Result]:
        """Queue `call(*args)`; a thread is started where fewer than `size` exist."""
        future: Future[Result] = Future()
        self._tasks.put((future, call, args))
        if self._threads < self._size:
            self._threads += 1
            threading.Thread(target=self._work, name=f"pool-{self._threads}", daemon=True).start()
        return future

    def map_in_order(
        self, call: Callable[[Item], Result], items: Iterable[Item], ahead: int
    ) -> Iterator[tuple[Item, Result]]:
        """Pair each item with `call(item)`, in the items' order, at most `ahead` of them underway.

        Raises:
            Exception: what a call raised, at its item's turn; the rest is cancelled.
        """
        underway: deque[tuple[Item, Future[Result]]] = deque()
        try:
            for item in items:
                underway.append((item, self.submit(call, item)))
                if len(underway) >= ahead:
                    done, future = underway.popleft()
                    yield done, future.result()
            while underway:
                done, future = underway.popleft()
                yield done, future.result()
        finally:
            for _, future in underway:
                future.cancel()

    def close(self) -> None:
        """Cancel what is queued and let the threads go, without waiting for calls underway."""
        with contextlib.suppress(Empty):
            while True:
                if task := self._tasks.get_nowait():
                    task[0].cancel()
        for _ in range(self._threads):
            self._tasks.put(None)
        self._threads = 0

    def __enter__(self) -> Pool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _work(self) -> None:
        while task := self._tasks.get():
            future, call, args = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(call(*args))
                except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
                    future.set_exception(error)
            del task, future, call, args  # an idle thread holds on to no page
