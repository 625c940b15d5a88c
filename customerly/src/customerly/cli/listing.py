"""Reading a list forward, page by page, for somebody who looks at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from customerly.api import Contact

LARGEST_PAGE = 100
"""Contacts that a page holds at most (docs/api-contract.md#lists)."""


def pages(fetch: Callable[[int, int], list[Contact]], limit: int | None) -> Iterator[list[Contact]]:
    """Read a list until it ends, or until there are enough (docs/api-contract.md#lists).

    Contacts that change meanwhile shift the pages behind them: one that comes again is left out;
    one that slipped out of sight is missed, and it takes the tap to be sure of every contact.
    The list ends with an empty page: a server that caps `per_page` makes every page short.

    Args:
        fetch: Returns a page, by its number from 0 and its size.
        limit: Contacts at most; None: all.

    Yields:
        The contacts of each page that were not on an earlier one.

    Raises:
        CustomerlyError: The API answers one page again and again.
    """
    per_page = min(limit or LARGEST_PAGE, LARGEST_PAGE)
    left = limit
    seen: set[str] = set()
    before: list[Contact] = []
    number = 0
    while left != 0 and (page := fetch(number, per_page)):
        if page == before:
            raise CustomerlyError(
                f"Pages {number - 1} and {number} of the list are the same: stopped reading"
            )
        new = [contact for contact in page if _is_new(contact, seen)][:left]
        yield new
        left = None if left is None else left - len(new)
        before, number = page, number + 1


def _is_new(contact: Contact, seen: set[str]) -> bool:
    key = contact.get("crmhero_user_id")
    if key is None:
        return True
    known = str(key) in seen
    seen.add(str(key))
    return not known
