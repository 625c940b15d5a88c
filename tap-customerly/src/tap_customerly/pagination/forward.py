"""Forward paging, for small lists that can't be sorted: until pages bring nothing new."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Item = TypeVar("Item")

_IDLE = 2  # pages in a row without anything new: the end


def forward(
    fetch: Callable[[int], list[Item]], identify: Callable[[list[Item]], object]
) -> Iterator[list[Item]]:
    """Read page after page, from page 0.

    A short page proves nothing, since a server can cap `per_page`; an empty one after others is the
    end. A first page that is empty or comes twice (pages counted from 1), and a server that ignores
    `page` altogether, are seen by a page that brings nothing new; two such pages are the end too.

    Args:
        fetch: Returns the rows of a page.
        identify: Returns what distinguishes a page from others.

    Yields:
        Pages, none of them empty, none twice in a row.
    """
    last: object = None
    page = idle = 0
    while idle < _IDLE:
        rows = fetch(page)
        if last is not None and not rows:
            return
        known = identify(rows)
        if rows and known != last:
            yield rows
            last, idle = known, 0
        else:
            idle += 1
        page += 1
