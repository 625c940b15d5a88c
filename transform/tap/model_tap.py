"""tap-postgres, whose last STATE is at the end of what it read, and nowhere else.

The SDK writes a STATE after each 10,000 rows, and never the same one twice. That of a full read
never changes, so with more rows than that there would be one in the middle and none at the end:
target-customerly, which deletes who left a model only where the input was whole, could not tell
that it was, and could take one that was cut off in the middle for whole.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tap_postgres.tap import TapPostgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from singer_sdk.streams import Stream


class ModelTap(TapPostgres):
    """The library's tap, with its name and settings."""

    def discover_streams(self) -> Sequence[Stream]:
        """Make the streams.

        Returns:
            The library's, without a STATE in between.
        """
        streams = super().discover_streams()
        for stream in streams:
            stream.STATE_MSG_FREQUENCY = sys.maxsize
        return streams
