"""Contacts of one second in several pages: whether all were read, however the server orders them.

Where nothing decides between equals, a database may order them anew at each request, and then one
that was behind a page's edge can come to lie before it, where nobody looks again.

**What shows that none was missed.** Let pages be read downward, and no contact of the group come
twice. Then all were read. For let b be how many of the group exist, n how many places of the group
lie before the last page that was read, and r how many contacts of it were read and exist: r + n is
never below b. With the group's last page it is b. When one of the group leaves, b falls by one, and
r + n by one at most; when a contact before the group leaves, n can only rise. A page that is read
turns places into contacts, each a new one. At the end n is 0, so that r is b.

**Where one comes twice** it may have moved left across the edge, as it does where the order is kept
and contacts before it have left. Then those that come again are the page's last ones, in the order
of before; and the page above, looked at again, holds none of this page, and none but what was known
to be behind it, still in its order. If any of this does not hold, the order of equals changes.
"""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING, NamedTuple

from tap_customerly.pagination.pages import END, LOOKS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tap_customerly.pagination.pages import Page, Pages

_PAGE_BITS = 20  # more than any page is long
_MOST = 20_000  # contacts of a second to keep in mind, the latest: of more, some still come twice


class Edges(NamedTuple):
    """What lies at the edges of a page.

    Attributes:
        number: The page's number.
        oldest: Its least value.
        newest: Its greatest.
        first: The contacts at the least value, in their order.
        last: Those at the greatest.
        is_over: Whether no change can put a contact among those at the least value any more.
    """

    number: int
    oldest: str
    newest: str
    first: list[object]
    last: list[object]
    is_over: bool

    @classmethod
    def of(cls, page: Page) -> Edges:
        """Look at a page that is not empty."""
        rows, oldest, newest = page.rows, page.oldest, page.newest
        first = [row.key for row in takewhile(lambda row: row.value == oldest, rows)]
        last = [row.key for row in takewhile(lambda row: row.value == newest, reversed(rows))]
        return cls(page.number, oldest, newest, first, last[::-1], oldest < page.floor)


class Ties:
    """Follows each group of equals from page to page.

    Args:
        pages: The list.
    """

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._value = END
        self._places: dict[object, int] = {}
        self._number = 0
        self._has_end = False
        self._looks = LOOKS

    def take(self, page: Edges) -> None:
        """Take in the next page down, once it is proved."""
        if page.number != self._number - 1 or page.newest != self._value:
            self._places = {}
        if self._places:
            again = [key for key in page.last if key in self._places]
            if again and not (self._moved(page, again) and self._confirm_move(page)):
                self._pages.warn_of_disorder(
                    "ties",
                    f"Contacts of one second ({self._value}) changed their order while nothing "
                    "happened to them.",
                )
        if page.oldest != self._value or not self._places:
            self._value, self._places = page.oldest, {}
            self._has_end = page.newest > page.oldest
        self._number = page.number
        if page.is_over:
            self._remember(page.number, page.first)
            if len(self._places) > 2 * _MOST:
                self._places = dict(list(self._places.items())[-_MOST:])

    def _moved(self, page: Edges, again: list[object]) -> bool:
        """Tell whether those that come again can have moved left, all as one.

        Behind them are none of the group, where it was followed from its end on.
        """
        are_last = page.last[-len(again) :] == again or not self._has_end
        return are_last and self._rise(again)

    def _confirm_move(self, page: Edges) -> bool:
        """Look at the page above again, a few times a read: what left it is in it no more.

        Where none of the group is left in it, the page itself shows whether they kept their order.
        """
        if not self._looks:
            return True
        self._looks -= 1
        above = self._members(page.number + 1)
        members = above or self._members(page.number)
        self._remember(page.number, page.last)
        known = [key for key in members if key in self._places]
        is_known = len(known) == len(members) or not self._has_end
        return is_known and self._rise(known) and set(above).isdisjoint(page.last)

    def _members(self, number: int) -> list[object]:
        """Fetch a page again, and return those of the group that are in it now."""
        page = self._pages.take(self._pages.ask(number))
        return [row.key for row in page.rows if row.value == self._value]

    def _remember(self, number: int, keys: list[object]) -> None:
        """Keep where each was first, before all that are known: only those places compare."""
        new = takewhile(lambda key: key not in self._places, keys)
        self._places |= {key: place for place, key in enumerate(list(new), number << _PAGE_BITS)}

    def _rise(self, keys: Iterable[object]) -> bool:
        return all(self._places[one] < self._places[other] for one, other in pairwise(keys))
