"""What target-customerly did: the lines of its log, to be loaded beside the contacts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from customerly.errors import ConfigError
from customerly.values import Unreadable, read_moment

from tap_customerly.pagination import Batch
from tap_customerly.records.schemas import OPERATION
from tap_customerly.streams.base import CustomerlyStream
from tap_customerly.streams.strategies import earlier

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_customerly.streams.strategies import Item, Strategy

_BATCH = 1000


class Operations(CustomerlyStream):
    """The operations of target-customerly's `log_path`: those that ended since the bookmark."""

    record_schema = OPERATION
    primary_keys = ("operation_id",)
    replication_key = "finished_at"
    read_bookmark = staticmethod(read_moment)

    def strategy(self) -> Strategy:
        """Read the log from shortly before the bookmark on, or all of it.

        Returns:
            The strategy.
        """
        bookmark = self.saved()["bookmark"] or ""
        since = earlier(bookmark, self.config["lookback"]) if bookmark else ""
        return LogLines(
            self.config["operation_log"],
            since="" if self.is_full_table else since,
            bookmark=bookmark,
            warn=self.warn,
        )


@dataclass(frozen=True)
class LogLines:
    """Lines of a log that runs, maybe several at once, append to.

    It is never known to be all that there was, since a log can be rotated.

    Args:
        path: The log.
        since: Operations that ended before are left out; empty for none.
        bookmark: When the last operation ended that the target has confirmed.
        warn: Takes a line for the log.
    """

    path: str
    since: str
    bookmark: str
    warn: Callable[[str], None]

    def batches(self) -> Iterator[Batch[Item]]:
        """Read the lines.

        Yields:
            Batches; their state is when the last of their operations ended.

        Raises:
            ConfigError: There is a log, and it can't be read.
        """
        items: list[Item] = []
        last = self.bookmark
        for item in self._items():
            items.append(item)
            last = max(last, item["finished_at"])
            if len(items) == _BATCH:
                yield Batch(items, {"bookmark": last})
                items = []
        yield Batch(items, {"bookmark": last} if last else None)

    def _items(self) -> Iterator[Item]:
        unreadable = 0
        for line in self._lines():
            try:
                item = _operation(line)
            except (ValueError, KeyError, TypeError, AttributeError, Unreadable):
                unreadable += 1  # half of one, of a run that was killed or is under way
                continue
            if item["finished_at"] >= self.since:
                yield item
        if unreadable:
            self.warn(f"{unreadable} lines of {self.path} are no whole operations: left out")

    def _lines(self) -> Iterator[bytes]:
        try:
            with Path(self.path).open("rb") as lines:
                yield from lines
        except FileNotFoundError:
            self.warn(f"operation_log: there is no {self.path} yet: set log_path of the target")
        except OSError as error:
            raise ConfigError(f"operation_log: {self.path}: {error.strerror}") from None


def _operation(line: bytes) -> Item:
    """Read a line; its digest tells it from all others, since a run's id is in it."""
    item: Item = json.loads(line)
    ended = read_moment(item["finished_at"])
    if ended is None:
        raise Unreadable
    digest = hashlib.sha256(line.rstrip(b"\r\n")).hexdigest()[:32]
    return {**item, "finished_at": ended, "operation_id": digest}
