"""What only a look-up carries (wire contract, One contact): a request for each listed contact."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from customerly.answer_forms import tag_name
from customerly.errors import ContactMissing, Refused
from customerly.values import Unreadable

from tap_customerly.contacts import KEY, ListedContacts
from tap_customerly.pool import Pool
from tap_customerly.schemas import CONTACT_DETAILS

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    from singer_sdk.helpers.types import Context

    from tap_customerly.reading import Batch
    from tap_customerly.streams import Record

_REFUSALS = 20  # contacts whose look-up the API refuses, after which the fault is not theirs


def read_tags(value: Any) -> list[str]:  # noqa: ANN401
    """Read the names of tags: from names, from objects that hold one, or from text with commas.

    Args:
        value: `user_tags` as it came.

    Returns:
        The names, in their order.

    Raises:
        Unreadable: More came than names; the names that were read stand instead.
    """
    tags = _tags_in(value)
    names = [name for name in map(tag_name, tags) if name]
    if len(names) < len(tags):
        raise Unreadable(names or None)
    if any(isinstance(tag, dict) and len(tag) > 1 for tag in tags):
        raise Unreadable(names)
    return names


def _tags_in(value: Any) -> list[Any]:  # noqa: ANN401
    if isinstance(value, str):
        if value.strip().startswith(("[", "{")):
            try:
                return _tags_in(json.loads(value))
            except ValueError:
                raise Unreadable from None
        return [name.strip() for name in value.split(",") if name.strip()]
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise Unreadable
    if tag_name(value):
        return [value]
    # An array with gaps has numbers for keys; else the keys are the names.
    return list(value.values()) if all(key.isdigit() for key in value) else list(value)


class Details(ListedContacts):
    """Contacts with all that a look-up tells; what was deleted meanwhile is no error."""

    record_schema = CONTACT_DETAILS
    selected_by_default = False
    readers = {"user_tags": read_tags}  # noqa: RUF012 - a ClassVar by its base
    workers = 1  # so that list and look-ups together stay within max_concurrency

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pool = Pool(self.config["max_concurrency"])
        self._all_found = True
        self._unnamed = 0
        self._refused: list[Refused] = []

    def records(self, contacts: list[Record]) -> list[Record]:
        """Look contacts up.

        Args:
            contacts: As the list has them.

        Returns:
            Clean details of those that are still there.
        """
        answers = self._pool.map_in_order(
            self._look_up, contacts, 2 * self.config["max_concurrency"]
        )
        rows = [row for pair in answers if (row := self._row(*pair)) is not None]
        if contacts:
            self._all_found = len(rows) == len(contacts)
        return rows

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:
        """Look up what the list holds, batch by batch.

        Args:
            context: Unused.

        Yields:
            Batches of details. The picture is complete only if the last contacts were all found:
            one of them that was not may have another address now, where an earlier one that has
            would have come again. And only if none was refused, for that one still exists.
        """
        with self._pool:
            for batch in super().batches(context):
                complete = batch.complete and self._all_found and not self._refused
                yield batch._replace(complete=complete)

    def _look_up(self, contact: Record) -> Record | Refused | None:
        """Look a contact up by each key that it has; None where it has none."""
        answer: Refused | None = None
        for key in ("email", "user_id") if self.kind == "users" else ("email",):
            if contact.get(key):
                try:
                    return self.api.get_contact(self.kind, **{key: contact[key]})
                except ContactMissing as missing:
                    answer = missing
                except Refused as refusal:
                    return refusal
        return answer

    def _row(self, contact: Record, answer: Record | Refused | None) -> Record | None:
        """Make a record of a listed contact and what its look-up said."""
        if isinstance(answer, ContactMissing):
            return None
        if isinstance(answer, Refused):
            self._refused.append(answer)
            if len(self._refused) > _REFUSALS:
                raise answer
            return None
        if answer is None:
            self._unnamed += 1
            return self.clean(contact)
        # The address may be another contact's by now.
        same = str(answer.get(KEY, contact.get(KEY))) == str(contact.get(KEY))
        return self.clean({**contact, **answer} if same else answer)

    def oddities(self) -> Iterable[str]:
        """Say what was odd about the contacts.

        Yields:
            A line for each kind.
        """
        yield from super().oddities()
        if self._unnamed:
            yield (
                f"{self._unnamed} contacts have neither an address nor a user id to look them up "
                "by: they are as the list has them"
            )
        if self._refused:
            yield f"{len(self._refused)} contacts were left out: {self._refused[-1]}"


class UserDetails(Details):
    """Users, looked up one by one."""

    kind = "users"


class LeadDetails(Details):
    """Leads, looked up one by one."""

    kind = "leads"
