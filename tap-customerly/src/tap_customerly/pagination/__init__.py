"""Reading a list that moves without skipping, apart from Singer, HTTP and any field's name.

In the order of the proof (docs/pagination.md):

- `pages`: what one page proves, and what all of them together say of the server's clock;
- `search`: finding the page to start from;
- `walk`: reading downward, one page at a time or many at once;
- `ties`: whether all contacts of one second were read, where they lie in several pages;
- `reader`: what changed since a bookmark, going on after a kill, and a complete picture;
- `cursor`: what of all this is kept in the state.

`forward` reads small lists that can't be sorted, and `pool` runs requests in threads.
"""

from tap_customerly.pagination.batch import Batch
from tap_customerly.pagination.forward import forward
from tap_customerly.pagination.pages import Fetch, Row
from tap_customerly.pagination.pool import Pool, threads_for
from tap_customerly.pagination.reader import Reader

__all__ = ["Batch", "Fetch", "Pool", "Reader", "Row", "forward", "threads_for"]
