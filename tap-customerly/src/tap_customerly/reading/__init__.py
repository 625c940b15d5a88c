"""Reading a shifting list without skipping; it knows neither Singer nor HTTP.

From the proof to the use of it:

- `pages`: what one page proves, and what all of them together say of the server's clock;
- `search`: finding the page to start from;
- `walk`: reading downward, one page at a time or many at once;
- `reader`: what changed since a bookmark, going on after a kill, and a complete picture;
- `progress`: what of all this is kept in the state.
"""

from tap_customerly.reading.pages import Fetch, Record
from tap_customerly.reading.reader import Batch, Reader

__all__ = ["Batch", "Fetch", "Reader", "Record"]
