"""What an operation touches, as keys for the scheduler: who must not overtake whom.

- An e-mail address in any case, and with or without accents as MySQL compares text, is one
  contact, be it a lead or a user (interface, Order). So is a user id.
- Of a user addressed by id alone nobody knows the address. So in the group `users` what goes by
  address, by user id and by Customerly's own id are modes that exclude one another.
- An API may refuse a `user_id` that another contact has
  (docs/api-contract.md#create-or-update). A delete by address alone frees an id that nobody here
  knows: in the group `ids` such deletes and the upserts that claim an id exclude one another. An
  upsert that gives a contact another id frees the former one too; that is known, and held, where
  this run claimed it lately. One from before the run is not: then an upsert that claims it at the
  same moment may be refused, and is rejected with a reason that says so. To close this gap the id
  that a contact had would have to be known, by a look-up of each, or users with an id would have to
  be sent one batch at a time.
- A tag is shared by those who tie, untie or make it, and held alone by its delete.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from target_customerly.operations import same_contact
from target_customerly.ordering.scheduler import EXCLUSIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_customerly.operations import Key, Keys

_ANYTHING: Key = ("everything", "one of many")
_BY_ADDRESS: Key = ("users", "by address")
_BY_USER_ID: Key = ("users", "by user id")
_BY_INTERNAL_ID: Key = ("users", "by internal id")
_CLAIMS_ID: Key = ("ids", "claims")
_FREES_ID: Key = ("ids", "frees")

_REMEMBERED = 5_000  # addresses whose claimed user ids are remembered, at least


class KeyMaker:
    """Makes the keys of operations, in the order in which they are received."""

    def __init__(self) -> None:
        self._claimed: dict[str, Keys] = {}
        self._claimed_before: dict[str, Keys] = {}

    def upsert(self, email: str | None, user_id: str | None, tags: Iterable[str] = ()) -> Keys:
        """Make the keys of a user's or lead's upsert.

        Args:
            email: Its address; None where it goes by user id alone.
            user_id: The customer's own key, where there is one.
            tags: Names that are tied with it.

        Returns:
            The keys.
        """
        keys = self.contact(email, user_id, tags)
        if email and user_id:
            keys.append(_CLAIMS_ID)
            keys += self._claim(keys[1][0], _alone("user", user_id))
        return keys

    def delete(self, email: str | None, user_id: str | None) -> Keys:
        """Make the keys of a user's or lead's delete.

        Args:
            email: Its address; None where it goes by user id alone.
            user_id: Its id, also where it goes by address: what is known needs no guard.

        Returns:
            The keys.
        """
        keys = self.contact(email, user_id)
        if email and user_id:
            keys += self._claim(keys[1][0], _alone("user", user_id))
        elif email:
            keys.append(_FREES_ID)
        return keys

    def contact(self, email: str | None, user_id: str | None, tags: Iterable[str] = ()) -> Keys:
        """Make the keys of what names a contact: a tag, an untag, a message and the like.

        Args:
            email: Its address, which wins.
            user_id: The customer's own key.
            tags: Names that are tied or untied; without a contact, made sure of.

        Returns:
            The keys.
        """
        keys = [_ANYTHING]
        if email:
            keys += (_alone("contact", email), _BY_ADDRESS)
        elif user_id:
            keys += (_alone("user", user_id), _BY_USER_ID)
        return keys + self.tied(tags) if tags else keys

    def tied(self, tags: Iterable[str]) -> Keys:
        """Make the keys of tags that are tied or untied, which any number may do at once.

        Args:
            tags: Their names.

        Returns:
            The keys.
        """
        return [(_alone("tag", tag)[0], "tied") for tag in tags]

    def delete_tag(self, tag: str) -> Keys:
        """Make the keys of a tag's delete.

        Args:
            tag: Its name.

        Returns:
            The keys.
        """
        return [_ANYTHING, _alone("tag", tag)]

    def company(self, company_id: str) -> Keys:
        """Make the keys of a company's upsert.

        Args:
            company_id: The customer's own key.

        Returns:
            The keys.
        """
        return [_ANYTHING, _alone("company", company_id)]

    def member(
        self,
        company_id: str,
        email: str | None,
        user_id: str | None,
        internal_id: str | None = None,
        *,
        changes_company: bool,
    ) -> Keys:
        """Make the keys of a user's joining a company.

        Args:
            company_id: The customer's own key of the company.
            email: The user's address.
            user_id: The user's key.
            internal_id: Customerly's own key of the user, where there is no other.
            changes_company: Whether it sets the company's name or attributes too.

        Returns:
            The keys.
        """
        mode = EXCLUSIVE if changes_company else "joined"
        keys = [*self.contact(email, user_id), (_alone("company", company_id)[0], mode)]
        if internal_id and not (email or user_id):
            keys += [_BY_INTERNAL_ID, _alone("internal", internal_id)]
        return keys

    def everything(self) -> Keys:
        """Make the keys of what can touch anything: nothing overtakes it, and it nothing.

        Returns:
            The keys.
        """
        return [(_ANYTHING[0], EXCLUSIVE)]

    def _claim(self, contact: str, user: Key) -> Keys:
        """Hold an id and those that the contact can have had before in this run."""
        held = self._claimed.get(contact) or self._claimed_before.get(contact)
        if held is None:
            held = [user]
        elif user not in held:
            held = [*held, user]
        if len(self._claimed) >= _REMEMBERED:
            self._claimed_before, self._claimed = self._claimed, {}
        self._claimed[contact] = held
        return held


def _alone(what: str, name: object) -> Key:
    """Make the key of one thing, held exclusively; what may be one thing has one key."""
    return (f"{what} {same_contact(str(name))}", EXCLUSIVE)
