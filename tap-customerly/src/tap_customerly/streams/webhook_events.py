"""Deliveries that `customerly listen` received, in the order of their arrival."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customerly.errors import ConfigError
from customerly.values import read_integer

from tap_customerly.pagination import Batch
from tap_customerly.records.schemas import WEBHOOK_EVENT
from tap_customerly.streams.base import CustomerlyStream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tap_customerly.streams.strategies import Item, Strategy


class WebhookEvents(CustomerlyStream):
    """The spool's deliveries (docs/api-contract.md#webhooks): each once, from the bookmark on."""

    record_schema = WEBHOOK_EVENT
    primary_keys = ("sequence",)
    replication_key = "sequence"
    read_bookmark = staticmethod(read_integer)

    def strategy(self) -> Strategy:
        """Read on from the bookmark, or everything that is still there.

        Returns:
            The strategy.
        """
        bookmark = self.saved()["bookmark"] or 0
        return Deliveries(
            self.config["webhook_spool"],
            bookmark,
            everything=self.is_full_table,
            warn=self.warn,
        )


@dataclass(frozen=True)
class Deliveries:
    """What lies in the spool now.

    It is never known to be all that there was, since old deliveries are removed.

    Args:
        path: The spool's folder.
        bookmark: Sequence of the last delivery that the target has confirmed; 0 for none.
        everything: Whether to read older ones again; the state then stays as it is.
        warn: Takes a line for the log.
    """

    path: str
    bookmark: int
    everything: bool
    warn: Callable[[str], None]

    def batches(self) -> Iterator[Batch[Item]]:
        """Read the deliveries.

        Yields:
            Batches; their state is the last sequence in them.

        Raises:
            SpoolError: There is no spool.
            ConfigError: The bookmark is another spool's.
        """
        from customerly.webhooks.spool_files import SpoolError
        from customerly.webhooks.spool_reader import SpoolReader

        after = 0 if self.everything else self.bookmark
        with SpoolReader(self.path) as spool:
            last = spool.last_sequence
            if after > last:
                raise ConfigError(
                    f"webhook_spool: the state was read up to delivery {after}, but the spool "
                    f"ends at {last}: it is another one; remove webhook_events from the state"
                )
            if self.bookmark:
                try:
                    spool.mark_read(self.bookmark)
                except SpoolError as error:
                    self.warn(str(error))
            while after < last and (deliveries := spool.read(after=after)):
                after = deliveries[-1].sequence
                items = [delivery.to_dict() for delivery in deliveries]
                yield Batch(items, None if self.everything else {"bookmark": after}, last - after)
