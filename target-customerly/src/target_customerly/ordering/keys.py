"""The conflict keys of operations: who must not overtake whom.

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

from functools import lru_cache
from typing import TYPE_CHECKING

from target_customerly.operations import Keys, same_contact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from target_customerly.operations import Shared

_ANYTHING = ("everything", "one of many")
_BY_ADDRESS = ("users", "by address")
_BY_USER_ID = ("users", "by user id")
_BY_INTERNAL_ID = ("users", "by internal id")
_CLAIMS_ID = ("ids", "claims")
_FREES_ID = ("ids", "frees")

_OF_ANY = frozenset({_ANYTHING})
_OF_ADDRESS = frozenset({_ANYTHING, _BY_ADDRESS})
_OF_USER_ID = frozenset({_ANYTHING, _BY_USER_ID})
_OF_INTERNAL_ID = frozenset({_ANYTHING, _BY_INTERNAL_ID})
_OF_CLAIM = _OF_ADDRESS | {_CLAIMS_ID}
_OF_DELETE = _OF_ADDRESS | {_FREES_ID}

_REMEMBERED = 5_000  # addresses whose claimed user ids are remembered, at least


class KeyMaker:
    """Makes the keys of operations, in the order in which they are received."""

    def __init__(self) -> None:
        self._claimed: dict[str, tuple[str, ...]] = {}
        self._claimed_before: dict[str, tuple[str, ...]] = {}

    def upsert(self, email: str | None, user_id: str | None, tags: Iterable[str] = ()) -> Keys:
        """Make the keys of a user's or lead's upsert.

        Args:
            email: Its address; None where it goes by user id alone.
            user_id: The customer's own key, where there is one.
            tags: Names that are tied with it.

        Returns:
            The keys.
        """
        if not (email and user_id):
            return self.contact(email, user_id, tags)
        return Keys(self._claim(email, user_id), _shared(_OF_CLAIM, tags))

    def delete(self, email: str | None, user_id: str | None) -> Keys:
        """Make the keys of a user's or lead's delete.

        Args:
            email: Its address; None where it goes by user id alone.
            user_id: Its id, also where it goes by address: what is known needs no guard.

        Returns:
            The keys.
        """
        if not email:
            return self.contact(email, user_id)
        if user_id:
            return Keys(self._claim(email, user_id), _OF_ADDRESS)
        return Keys((_contact(email),), _OF_DELETE)

    def contact(self, email: str | None, user_id: str | None, tags: Iterable[str] = ()) -> Keys:
        """Make the keys of what names a contact: a tag, an untag, a message and the like.

        Args:
            email: Its address, which wins.
            user_id: The customer's own key.
            tags: Names that are tied or untied; without a contact, made sure of.

        Returns:
            The keys.
        """
        if email:
            return Keys((_contact(email),), _shared(_OF_ADDRESS, tags))
        if user_id:
            return Keys((_user(user_id),), _shared(_OF_USER_ID, tags))
        return Keys((), _shared(_OF_ANY, tags))

    def tied(self, tag: str) -> Keys:
        """Make the keys of a tag that is tied or untied, which any number may do at once.

        Args:
            tag: Its name.

        Returns:
            The keys.
        """
        return Keys((), _shared(frozenset(), [tag]))

    def delete_tag(self, tag: str) -> Keys:
        """Make the keys of a tag's delete.

        Args:
            tag: Its name.

        Returns:
            The keys.
        """
        return Keys((_tag(tag),), _OF_ANY)

    def company(self, company_id: str) -> Keys:
        """Make the keys of a company's upsert.

        Args:
            company_id: The customer's own key.

        Returns:
            The keys.
        """
        return Keys((_company(company_id),), _OF_ANY)

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
        keys = self.contact(email, user_id)
        if internal_id and not (email or user_id):
            keys = Keys((f"internal {same_contact(str(internal_id))}",), _OF_INTERNAL_ID)
        if changes_company:
            return keys.joined(self.company(company_id))
        return keys.joined(Keys((), frozenset({(_company(company_id), "joined")})))

    def everything(self) -> Keys:
        """Make the keys of what can touch anything: nothing overtakes it, and it nothing.

        Returns:
            The keys.
        """
        return Keys((_ANYTHING[0],))

    def _claim(self, email: str, user_id: str) -> tuple[str, ...]:
        """Hold a contact, an id, and those that the contact can have had before in this run."""
        contact, user = _contact(email), _user(user_id)
        held = self._claimed.get(contact) or self._claimed_before.get(contact)
        if held is None:
            held = (contact, user)
        elif user not in held:
            held = (*held, user)
        if len(self._claimed) >= _REMEMBERED:
            self._claimed_before, self._claimed = self._claimed, {}
        self._claimed[contact] = held
        return held


def _contact(email: str) -> str:
    return f"contact {same_contact(email)}"


def _user(user_id: object) -> str:
    return f"user {same_contact(str(user_id))}"


def _company(company_id: str) -> str:
    return f"company {same_contact(str(company_id))}"


def _tag(name: str) -> str:
    return f"tag {same_contact(name)}"


def _shared(those: frozenset[Shared], tags: Iterable[str]) -> frozenset[Shared]:
    """Add keys of tags that are tied or untied."""
    return _with_tags(those, tuple(tags)) if tags else those


@lru_cache
def _with_tags(those: frozenset[Shared], tags: tuple[str, ...]) -> frozenset[Shared]:
    return those | {(_tag(tag), "tied") for tag in tags}
