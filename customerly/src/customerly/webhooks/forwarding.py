"""Passing deliveries on to another address, once they are on disk."""

from __future__ import annotations

import threading
from queue import Empty, Full, Queue
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from customerly.webhooks.delivery import NewDelivery

_WAITING = 1_000  # deliveries, beyond which the newest are not passed on
_SECONDS = 10.0
_NOT_PASSED_ON = {"host", "content-length", "connection", "transfer-encoding", "content-encoding"}


class Forwarder:
    """Sends deliveries on, one after the other; a failure is told of and fails nothing.

    Args:
        url: Where to.
        tell: Takes one line for the operator.
    """

    def __init__(self, url: str, tell: Callable[[str], None]) -> None:
        self._url = url
        self._tell = tell
        self._waiting: Queue[NewDelivery] = Queue(_WAITING)
        self._ending = threading.Event()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="forward", daemon=True)
        self._thread.start()

    def take(self, deliveries: Iterable[NewDelivery]) -> None:
        """Take deliveries that are on disk; it never waits.

        Args:
            deliveries: In the order in which they came.
        """
        for delivery in deliveries:
            try:
                self._waiting.put_nowait(delivery)
            except Full:
                self._note("more deliveries come than it takes")

    def close(self) -> None:
        """Send what waits, as far as that is quick."""
        self._ending.set()
        self._thread.join(_SECONDS)

    def _run(self) -> None:
        with requests.Session() as session:
            while not (self._ending.is_set() and self._waiting.empty()):
                try:
                    self._send(session, self._waiting.get(timeout=0.1))
                except Empty:
                    continue

    def _send(self, session: requests.Session, delivery: NewDelivery) -> None:
        headers = {
            name: value.encode("latin-1", "replace")
            for name, value in delivery.headers.items()
            if name not in _NOT_PASSED_ON
        }
        try:
            answer = session.post(
                self._url,
                data=delivery.body,
                params=delivery.query,
                headers=headers,
                timeout=_SECONDS,
                allow_redirects=False,
            )
        except (requests.RequestException, ValueError):
            self._note("it takes no connection, or does not answer")
            return
        if answer.ok:
            self._note("")
        else:
            self._note(f"it answered HTTP {answer.status_code}")

    def _note(self, trouble: str) -> None:
        """Tell of a trouble when it begins and when it ends, not at each delivery."""
        if trouble and not self._failing:
            self._tell(f"A delivery was not passed on ({trouble}); it is in the spool all the same")
        elif self._failing and not trouble:
            self._tell("Deliveries are passed on again")
        self._failing = bool(trouble)
