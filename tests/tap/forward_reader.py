"""The reader that everybody writes: forward, from page 0, until a page is not full.

Kept so that the property test can show that it finds what this one skips.
"""

from __future__ import annotations

from tap_customerly.pagination import Batch


class ForwardReader:
    """Takes what the property tests give to `Reader`, as far as it has a use for it."""

    def __init__(self, fetch, page_size, _workers, *, pool, **_):
        self.fetch, self.page_size, self.pool = fetch, page_size, pool

    def changes(self, state=None, start=None):
        bookmark = (state or {}).get("bookmark") or start or ""
        newest = bookmark
        for rows in self.pages():
            newest = max([newest, *(row.value for row in rows)])
            yield Batch([row for row in rows if row.value >= bookmark])
        yield Batch([], {"bookmark": newest})

    def everything(self):
        for rows in self.pages():
            yield Batch(rows)
        yield Batch([], complete=True)

    def pages(self):
        number = 0
        while rows := self.pool.submit(self.fetch, number, self.page_size, False).result():
            yield rows
            number += 1
