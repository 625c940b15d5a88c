"""Batches that are not finished: which one an operation joins, and which of them may be applied.

An operation has a *batch key* (operations of one batch key may share a request) and *conflict keys*
(`conflicts`). What does not conflict may be applied in any order.

**Why the order holds.** Batches are numbered as they are opened. A batch waits for others, and is
applied when it is closed and all of those are finished.

1. An operation joins the open batch of its batch key only if that was opened after each unfinished
   batch that holds a conflicting operation; else a new one is opened, with the highest number of
   all. Either way its batch has a higher number than those, and waits for them: never for one
   with a higher number, so there is no circle.
2. So it never joins a batch that itself holds a conflicting operation, and of two conflicting
   operations the later one is in a batch that starts when that of the earlier one is finished.
3. Of those that hold a key alone only the latest is remembered: it waits for the one before.
4. Who meets a *shared* key in another mode closes the batches that hold it. So an open batch that
   holds a key in a shared mode has met everything that conflicts with one more operation in that
   mode: it need not be looked for again.
5. A batch that is closed closes those it waits for. So a closed batch waits for closed ones only,
   the lowest of them waits for none, and the run always gets on.
6. Operations of one batch key that conflict neither with one another nor with anything unfinished
   join together, which is what makes the usual operation cheap.

**Checkpoints.** The first operations of the batches come in the order of their numbers, so all that
was received before the first operation of the lowest unfinished batch is finished.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from target_customerly.ordering.conflicts import Holders

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from target_customerly.operations import Keys

_MOST_OPEN = 64  # open batches, of as many batch keys, before the oldest goes out half empty


class Schedulable(Protocol):
    """What can be put into a batch."""

    @property
    def batch_key(self) -> Hashable:
        """What operations must have in common to share a batch."""

    @property
    def keys(self) -> Keys:
        """What it touches."""


Payload = TypeVar("Payload", bound=Schedulable)


@dataclass(slots=True, eq=False)
class Batch(Generic[Payload]):
    """Operations that are applied together.

    Attributes:
        number: In the order of opening.
        batch_key: What its operations have in common.
        room: The most operations that it takes.
        first: Number of operations received before its first.
        opened_at: In the seconds that the caller counts.
        operations: What to apply, in the order received.
        own: Keys that its operations hold alone.
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
    waits_for: set[Batch[Payload]] = field(default_factory=set)
    followers: list[Batch[Payload]] = field(default_factory=list)
    is_open: bool = True


class Batches(Generic[Payload]):
    """The unfinished batches; not thread-safe.

    Args:
        limit: The most operations in a batch of a batch key, asked whenever one is opened.
        ready: Takes a batch that may be applied now.

    Attributes:
        received: Operations that were added so far.
    """

    def __init__(
        self, limit: Callable[[Any], int], ready: Callable[[Batch[Payload]], None]
    ) -> None:
        self.received = 0
        self._limit = limit
        self._ready = ready
        self._numbers = 0
        self._holders: Holders[Batch[Payload]] = Holders()
        self._unfinished: dict[int, Batch[Payload]] = {}
        self._open: dict[Hashable, Batch[Payload]] = {}

    def __bool__(self) -> bool:
        return bool(self._unfinished)

    @property
    def pending(self) -> int:
        """Operations that are not finished."""
        return sum(len(batch.operations) for batch in self._unfinished.values())

    @property
    def closed(self) -> int:
        """Closed batches that are not finished."""
        return len(self._unfinished) - len(self._open)

    @property
    def finished(self) -> int:
        """How many of the operations received, from the first on, are finished without a gap."""
        return next((batch.first for batch in self._unfinished.values()), self.received)

    def touched(self, all_keys: Sequence[Keys]) -> list[bool]:
        """Tell of operations whether they would have to wait for another.

        Args:
            all_keys: The keys of each.

        Returns:
            True for each with which an unfinished operation conflicts.
        """
        if not self:
            return [False] * len(all_keys)
        have_any = self._holders.have_any
        own = set(chain.from_iterable(keys.own for keys in all_keys))
        shared = set().union(*{keys.shared for keys in all_keys})
        if not have_any(own, shared):  # which is usual, and told at once
            return [False] * len(all_keys)
        return [have_any(set(keys.own), keys.shared) for keys in all_keys]

    def add_together(self, operations: Sequence[Payload], now: float) -> int:
        """Add operations, as many as one batch has room for, where nothing conflicts.

        Args:
            operations: Of one batch key.
            now: Seconds.

        Returns:
            How many were added; 0 where something conflicts.
        """
        batch_key = operations[0].batch_key
        batch = self._open.get(batch_key)
        room = self._room(batch_key) if batch is None else batch.room
        part = operations[: room - len(batch.operations) if batch else room]
        own = list(chain.from_iterable(one.keys.own for one in part))
        shared = set().union(*{one.keys.shared for one in part})
        alone = set(own)
        names = {key for key, _ in shared}
        if len(alone) < len(own) or len(names) < len(shared) or not alone.isdisjoint(names):
            return 0
        if self._holders.have_any(alone, shared - batch.shared if batch else shared):
            return 0
        self._put(batch or self._open_batch(batch_key, room, now), part, own, shared)
        return len(part)

    def add(self, operation: Payload, now: float) -> None:
        """Add an operation, whatever it conflicts with.

        Args:
            operation: What to add.
            now: Seconds.
        """
        own, shared = operation.keys
        batch_key = operation.batch_key
        batch = self._open.get(batch_key)
        alone, sharing = self._holders.of(own, shared - batch.shared if batch else shared)
        for other in sharing:
            self.close(other)
        conflicts = alone | sharing
        if batch is not None and any(other.number >= batch.number for other in conflicts):
            self.close(batch)
            batch = None
        if batch is None:
            batch = self._open_batch(batch_key, self._room(batch_key), now)
        for other in conflicts - batch.waits_for:
            batch.waits_for.add(other)
            other.followers.append(batch)
        self._put(batch, [operation], own, shared)

    def close(self, batch: Batch[Payload]) -> None:
        """Let nothing more in, neither here nor in those it waits for; start what can start.

        Args:
            batch: An unfinished batch.
        """
        if not batch.is_open:
            return
        batch.is_open = False
        del self._open[batch.batch_key]
        for other in batch.waits_for:
            self.close(other)
        if not batch.waits_for:
            self._ready(batch)

    def close_all(self, opened_before: float) -> None:
        """Close the open batches that were opened before a moment.

        Args:
            opened_before: Seconds.
        """
        for batch in [one for one in self._open.values() if one.opened_at < opened_before]:
            self.close(batch)

    def finish(self, batch: Batch[Payload]) -> None:
        """Take out a batch that was applied, and start what waited for it alone.

        Args:
            batch: A closed batch.
        """
        del self._unfinished[batch.number]
        self._holders.let_go(batch, batch.own, batch.shared)
        for follower in batch.followers:
            follower.waits_for.discard(batch)
            if not follower.waits_for and not follower.is_open:
                self._ready(follower)

    def _room(self, batch_key: Hashable) -> int:
        return max(1, self._limit(batch_key))

    def _open_batch(self, batch_key: Hashable, room: int, now: float) -> Batch[Payload]:
        if len(self._open) >= _MOST_OPEN:
            self.close(next(iter(self._open.values())))
        self._numbers += 1
        batch: Batch[Payload] = Batch(self._numbers, batch_key, room, self.received, now)
        self._unfinished[batch.number] = self._open[batch_key] = batch
        return batch

    def _put(
        self,
        batch: Batch[Payload],
        operations: Sequence[Payload],
        own: Sequence[Hashable],
        shared: frozenset[tuple[Hashable, str]] | set[tuple[Hashable, str]],
    ) -> None:
        new = shared - batch.shared
        self._holders.hold(batch, own, new)
        batch.own += own
        batch.shared |= new
        batch.operations += operations
        self.received += len(operations)
        if len(batch.operations) >= batch.room:
            self.close(batch)
