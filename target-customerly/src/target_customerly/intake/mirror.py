"""Mirroring: contacts that left a stream are deleted, once its whole input is applied."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

from target_customerly.operations import Operation, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from customerly.api import Api

    from target_customerly.intake.rules import StreamRule
    from target_customerly.ledger.membership import Membership
    from target_customerly.operations import Collection
    from target_customerly.ordering.keys import KeyMaker
    from target_customerly.settings import Settings

logger = logging.getLogger("target-customerly")

_PERCENT = 20.0  # of a stream's contacts that may be deleted where `max_deletes_percent` is not set
_PAGE = 100


class Mirror:
    """Makes the deletes of contacts that are no longer in their streams.

    Args:
        api: Customerly.
        membership: Which contacts each stream holds.
        keys: Makes the keys of operations.
        settings: The target's settings.
    """

    def __init__(
        self, api: Api, membership: Membership, keys: KeyMaker, settings: Settings
    ) -> None:
        self._api = api
        self._membership = membership
        self._keys = keys
        self._settings = settings

    def deletes(self, stream: str, rule: StreamRule, deletes_so_far: int) -> Iterator[Operation]:
        """Delete who left a stream whose input was complete and is applied.

        The snapshot holds no address, so the list of contacts is read to find them.

        Args:
            stream: Its name.
            rule: How it is applied.
            deletes_so_far: What counts against `max_deletes` already.

        Yields:
            A delete for each of them that is still there.

        Raises:
            CustomerlyError: They are more than may be deleted; nothing is deleted then.
        """
        gone, held = self._membership.finish(stream)
        if not gone:
            return
        self._guard(stream, len(gone), held, deletes_so_far)
        logger.info("%s: %d contacts are no longer in it, and are deleted", stream, len(gone))
        collection: Collection = "leads" if rule.resource == "leads" else "users"
        for email, user_id in list(self._find(collection, gone)):
            keys = self._keys.delete(email, user_id)
            record = {"email": email} if email else {"user_id": user_id}
            origin = Origin(stream, 0, {**record, "_operation": "delete"})
            yield Operation(origin, "delete", "delete", keys, collection, email, user_id)

    def _guard(self, stream: str, count: int, held: int, deletes_so_far: int) -> None:
        most, percent = self._settings.max_deletes, self._settings.max_deletes_percent
        percent = _PERCENT if percent is None else percent
        says = f"{stream}: {count} of {held} contacts left it, and mirror would delete them, which"
        if most is not None and deletes_so_far + count > most:
            raise CustomerlyError(f"{says} is more than max_deletes ({most}): nobody was deleted")
        if 100 * count > percent * held:
            raise CustomerlyError(
                f"{says} is more than max_deletes_percent ({percent:g}): nobody was deleted. Raise "
                "it for one run if they are meant to go"
            )

    def _find(
        self, collection: Collection, gone: set[bytes]
    ) -> Iterator[tuple[str | None, str | None]]:
        """Find contacts in the list, by the hashes of their names."""
        left = set(gone)
        page = 0
        while left and (contacts := self._page(collection, page)):
            for contact in contacts:
                email, user_id = contact.get("email"), contact.get("user_id")
                names = [self._membership.hash_of(email=str(email))] if email else []
                if user_id not in (None, ""):
                    names.append(self._membership.hash_of(user_id=str(user_id)))
                if left.intersection(names):
                    left.difference_update(names)
                    yield (str(email), None) if email else (None, str(user_id))
            page += 1

    def _page(self, collection: Collection, page: int) -> list[dict[str, object]]:
        return self._api.list_contacts(collection, page=page, per_page=_PAGE)
