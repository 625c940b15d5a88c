"""Finding the culprits in a batch, so that no good record is refused because of a bad neighbour.

It knows nothing of what is sent. A batch that fails as a whole is halved; where the first half of a
bad batch turns out to be good, the second half is known to be bad and is halved without being sent,
so one culprit among 100 costs at most 15 requests.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from customerly.answer_forms import UNSAID
from customerly.errors import BatchTooLarge, CustomerlyError, GaveUp, OutcomeUnclear, Refused

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from customerly.answer_forms import BatchOutcome
    from customerly.errors import RequestFailed

Item = TypeVar("Item")


class Outage(CustomerlyError):
    """The API answers nothing at all any more: no record is to blame."""


class Splitter:
    """Sends batches and tells the good items from the bad.

    Args:
        answers: Tells whether the API answers at all, where a request failed for good.
        shrink: Takes the size of a batch that the API found too large.
        once: Within it no request is tried again.
    """

    def __init__(
        self,
        answers: Callable[[], bool],
        shrink: Callable[[int], None],
        once: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._answers = answers
        self._shrink = shrink
        self._once = once
        self._largest: int | None = None  # items in a request, since the API found more too many
        self._bases = (0, 1)  # how an API may count the contacts of a request, the likely way first

    def send(
        self,
        items: list[Item],
        send: Callable[[list[Item]], BatchOutcome],
        reject: Callable[[Item, RequestFailed | str], None],
    ) -> list[Item]:
        """Send items until each one is accepted or rejected.

        Args:
            items: What to send, in order; sending one again does no harm.
            send: Sends some of them in one request.
            reject: Takes a bad item and why it was refused.

        Returns:
            The accepted ones, in order.

        Raises:
            Outage: A request failed for good, and the API answers nothing else either.
            TokenRefused: The API does not know the token.
        """
        accepted: list[Item] = []
        start = 0
        while start < len(items):
            part = items[start : start + (self._largest or len(items))]
            accepted += self._send(part, send, reject, known_bad=False)
            start += len(part)
        return accepted

    def _send(
        self,
        items: list[Item],
        send: Callable[[list[Item]], BatchOutcome],
        reject: Callable[[Item, RequestFailed | str], None],
        *,
        known_bad: bool,
        is_part: bool = False,
    ) -> list[Item]:
        if known_bad and len(items) > 1:
            return self._halve(items, send, reject)
        try:
            # A part that fails is split further, which does no harm: an item that is alone is
            # rejected, after every attempt.
            with self._once() if is_part and len(items) > 1 else nullcontext():
                outcome = send(items)
        except BatchTooLarge as error:
            if len(items) > 1:
                self._largest = min(self._largest or len(items), len(items) // 2)
                self._shrink(len(items))
                return self.send(items, send, reject)
            reject(items[0], error)
            return []
        except (Refused, GaveUp, OutcomeUnclear) as error:
            self._blame_a_record(error)
            if len(items) > 1:
                return self._halve(items, send, reject)
            reject(items[0], error)
            return []
        return self._sort(items, outcome, send, reject)

    def _blame_a_record(self, error: RequestFailed) -> None:
        """Make sure that it is a record's fault, and no outage."""
        if isinstance(error, GaveUp) and not self._answers():
            raise Outage(
                f"{error}. Nothing was rejected; run again when the API answers."
            ) from None

    def _halve(
        self,
        items: list[Item],
        send: Callable[[list[Item]], BatchOutcome],
        reject: Callable[[Item, RequestFailed | str], None],
    ) -> list[Item]:
        left, right = _halves(items)
        good = self._send(left, send, reject, known_bad=False, is_part=True)
        known_bad = len(good) == len(left)
        return good + self._send(right, send, reject, known_bad=known_bad, is_part=True)

    def _sort(
        self,
        items: list[Item],
        outcome: BatchOutcome,
        send: Callable[[list[Item]], BatchOutcome],
        reject: Callable[[Item, RequestFailed | str], None],
    ) -> list[Item]:
        """Tell the good from the bad by what the answer says of them."""
        failed = outcome.failed
        if outcome.by_position and len(items) > 1:
            confirmed = self._confirmed(items, failed, send)
            if confirmed is None:
                return self._halve(items, send, reject)
            failed = confirmed
        for place in sorted(failed.keys() & range(len(items))):
            reject(items[place], failed[place])
        rest = [item for place, item in enumerate(items) if place not in failed]
        return self._count(rest, outcome.unnamed, send, reject)

    def _count(
        self,
        items: list[Item],
        bad: int,
        send: Callable[[list[Item]], BatchOutcome],
        reject: Callable[[Item, RequestFailed | str], None],
    ) -> list[Item]:
        """Find out which ones were not stored where the answer only says how many.

        Those that the first half does not account for are in the second, which is not sent again
        where that says it all.
        """
        if bad <= 0:
            return items
        if bad >= len(items):
            for item in items:
                reject(item, UNSAID)
            return []
        left, right = _halves(items)
        good = self._send(left, send, reject, known_bad=False, is_part=True)
        return good + self._count(right, bad - (len(left) - len(good)), send, reject)

    def _confirmed(
        self,
        items: list[Item],
        failed: dict[int, str],
        send: Callable[[list[Item]], BatchOutcome],
    ) -> dict[int, str] | None:
        """Find out whether numbers count from 0 or from 1: who is refused once more was meant.

        Returns:
            Who was refused, by place; None where neither way of counting fits.
        """
        for base in self._bases:
            moved = {place - base: reason for place, reason in failed.items() if place >= base}
            if len(moved) == len(failed) and self._all_refused([items[p] for p in moved], send):
                self._bases = (base, 1 - base)
                return moved
        return None

    @staticmethod
    def _all_refused(items: list[Item], send: Callable[[list[Item]], BatchOutcome]) -> bool:
        try:
            again = send(items)
        except (Refused, GaveUp) as error:
            return len(items) == 1 and isinstance(error, Refused)
        return len(again.failed) + again.unnamed >= len(items)


def _halves(items: list[Item]) -> tuple[list[Item], list[Item]]:
    middle = (len(items) + 1) // 2
    return items[:middle], items[middle:]
