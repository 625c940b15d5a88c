"""What only a look-up carries: a request for each listed contact."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import ContactMissing, Refused

from tap_customerly.pagination import Pool, threads_for
from tap_customerly.records.contact import CONTACT_DETAILS, KEY, TAGS
from tap_customerly.records.tags import read_tags
from tap_customerly.streams.contacts import ContactStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from customerly.api import Api, Kind

    from tap_customerly.pagination import Batch
    from tap_customerly.streams.strategies import Item, Strategy

    _Answer = Future[Item | Refused | None]

_REFUSALS = 20  # contacts whose look-up the API refuses, after which the fault is not theirs


class EachLookedUp:
    """Every contact of another strategy, with what its look-up adds to it.

    Those that were deleted meanwhile are left out (docs/api-contract.md#one-contact).

    Args:
        listed: Reads the list.
        api: Looks contacts up.
        kind: `users` or `leads`.
        concurrency: Look-ups in flight at once.
    """

    def __init__(self, listed: Strategy, api: Api, kind: Kind, concurrency: int) -> None:
        self._listed = listed
        self._api = api
        self._kind: Kind = kind
        self._keys = ("email", "user_id") if kind == "users" else ("email",)
        self._concurrency = concurrency
        self._unnamed = 0
        self._refused: list[Refused] = []

    def batches(self) -> Iterator[Batch[Item]]:
        """Look up what the list holds, batch by batch.

        Yields:
            Batches of details. The picture is complete only if the last contacts were all found:
            one of them that was not may have another address now, where an earlier one that has
            would have come again. And only if none was refused, for that one still exists.
        """
        all_found = True
        with Pool(threads_for(self._concurrency)) as pool:
            for batch, answers in self._asked(pool):
                pairs = [(item, answer.result()) for item, answer in answers]
                found = [item for pair in pairs if (item := self._merge(*pair)) is not None]
                if batch.items:
                    all_found = len(found) == len(batch.items)
                complete = batch.complete and all_found and not self._refused
                yield batch._replace(items=found, complete=complete)

    def _asked(self, pool: Pool) -> Iterator[tuple[Batch[Item], list[tuple[Item, _Answer]]]]:
        """Pair batches with their look-ups, those of the next one underway as well.

        Waiting for a batch's last look-up would else leave the others idle.
        """
        last: tuple[Batch[Item], list[tuple[Item, _Answer]]] | None = None
        for batch in self._listed.batches():
            answers = [(item, pool.submit(self._look_up, item)) for item in batch.items]
            if last:
                yield last
            last = batch, answers
        if last:
            yield last

    def warnings(self) -> Iterator[str]:
        """Say which contacts are not as a look-up has them.

        Yields:
            A line a kind.
        """
        if self._unnamed:
            yield (
                f"{self._unnamed} contacts have neither an address nor a user id to look them up "
                "by: they are as the list has them"
            )
        if self._refused:
            yield f"{len(self._refused)} contacts were left out: {self._refused[-1]}"

    def _look_up(self, contact: Item) -> Item | Refused | None:
        """Look a contact up by each key that it has; None where it has none."""
        answer: Refused | None = None
        for key in self._keys:
            if contact.get(key):
                try:
                    return self._api.get_contact(self._kind, **{key: contact[key]})
                except ContactMissing as missing:
                    answer = missing
                except Refused as refusal:
                    return refusal
        return answer

    def _merge(self, contact: Item, answer: Item | Refused | None) -> Item | None:
        """Join a listed contact with what its look-up said."""
        if isinstance(answer, ContactMissing):
            return None
        if isinstance(answer, Refused):
            self._refused.append(answer)
            if len(self._refused) > _REFUSALS:
                raise answer
            return None
        if answer is None:
            self._unnamed += 1
            return contact
        # The address may be another contact's by now.
        same = str(answer.get(KEY, contact.get(KEY))) == str(contact.get(KEY))
        return {**contact, **answer} if same else answer


class Details(ContactStream):
    """Contacts with all that a look-up carries."""

    record_schema = CONTACT_DETAILS
    selected_by_default = False
    readers = {TAGS: read_tags}  # noqa: RUF012 - a ClassVar by its base
    list_concurrency = 1  # nearly all requests that may be in flight are to be look-ups
    _looked_up: EachLookedUp | None = None

    def strategy(self) -> Strategy:
        """Choose how the list is read, and look each contact up.

        Returns:
            The strategy.
        """
        listed = super().strategy()
        self._looked_up = EachLookedUp(listed, self.api, self.kind, self.config["max_concurrency"])
        return self._looked_up

    def warnings(self) -> Iterable[str]:
        """Say what could not be read as it should be.

        Yields:
            A line a kind.
        """
        yield from super().warnings()
        if self._looked_up:
            yield from self._looked_up.warnings()


class UserDetails(Details):
    """Users, looked up one by one."""

    kind = "users"


class LeadDetails(Details):
    """Leads, looked up one by one."""

    kind = "leads"
