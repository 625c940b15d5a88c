"""Bringing deliveries to the disk: those that come in together share a commit, and its fsync."""

from __future__ import annotations

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from customerly.webhooks.spool_files import SpoolError, SpoolFull

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.webhooks.delivery import NewDelivery
    from customerly.webhooks.limits import Limits
    from customerly.webhooks.spool import Spool

_PRUNE_EVERY = 30.0  # seconds


class Keeper:
    """Keeps deliveries in a spool, and removes what was read and is old.

    Args:
        spool: Where they are kept.
        tell: Takes one line for the operator, now and then.
        limits: What may wait for the disk.
        keep_seconds: How long what was read is kept.
        keep_bytes: How much may be kept before what was read is removed sooner.
        forward: Takes deliveries that are on disk, at once; what it does with them is its matter.
    """

    def __init__(
        self,
        spool: Spool,
        tell: Callable[[str], None],
        limits: Limits,
        *,
        keep_seconds: float = 30 * 86_400,
        keep_bytes: int = 1 << 30,
        forward: Callable[[list[NewDelivery]], None] = lambda _: None,
    ) -> None:
        self.stored = 0
        self._forward = forward
        self._spool = spool
        self._tell = tell
        self._group = limits.group
        self._prune = partial(spool.prune, keep_seconds=keep_seconds, keep_bytes=keep_bytes)
        self._waiting: asyncio.Queue[tuple[NewDelivery, asyncio.Future[int]]] = asyncio.Queue(
            limits.waiting
        )
        self._disk = ThreadPoolExecutor(1, "spool")  # one thread: one transaction at a time
        self._trouble = ""

    async def keep(self, delivery: NewDelivery) -> int:
        """Keep a delivery.

        Args:
            delivery: It gets the next sequence.

        Returns:
            The HTTP status to answer with: 200 when it is on disk.
        """
        outcome: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        try:
            self._waiting.put_nowait((delivery, outcome))
        except asyncio.QueueFull:
            return 503
        return await outcome

    async def commit(self) -> None:
        """Bring what waits to the disk, group by group, until this is cancelled.

        While one group is on its way, the next one gathers: they share a commit, and its fsync.
        """
        while True:
            group = [await self._waiting.get()]
            while len(group) < self._group and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            status = await self._commit([delivery for delivery, _ in group])
            for _, outcome in group:
                if not outcome.done():  # its request may have been cancelled
                    outcome.set_result(status)

    async def _commit(self, deliveries: list[NewDelivery]) -> int:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._disk, self._spool.append, deliveries)
        except Exception as error:  # noqa: BLE001  whatever it is, deliveries go on being answered
            self._note(str(error) if isinstance(error, SpoolError) else repr(error))
            if not isinstance(error, SpoolFull):
                return 503
            # What the tap has read makes room for what it has not.
            make_room = partial(self._spool.prune, keep_seconds=0, keep_bytes=0)
            with contextlib.suppress(SpoolError):
                await loop.run_in_executor(self._disk, make_room)
            return 507
        if self._trouble:
            self._note("")
        self.stored += len(deliveries)
        self._forward(deliveries)
        return 200

    def _note(self, trouble: str) -> None:
        """Tell of a trouble when it begins and when it ends, not at each delivery."""
        if bool(trouble) != bool(self._trouble):
            self._tell(
                f"{trouble}; deliveries are refused until it takes them again"
                if trouble
                else "The spool takes deliveries again"
            )
        self._trouble = trouble

    async def prune(self) -> None:
        """Remove what was read and is old, now and then, until this is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                while await loop.run_in_executor(self._disk, self._prune):
                    pass
            except SpoolError as error:
                self._note(str(error))
            await asyncio.sleep(_PRUNE_EVERY)

    def close(self) -> None:
        """Wait for what is on its way to the disk."""
        self._disk.shutdown(wait=True)
