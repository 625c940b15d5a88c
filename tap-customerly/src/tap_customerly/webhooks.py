"""Deliveries that `customerly listen` received, in the order of their arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.errors import ConfigError
from customerly.values import read_integer

from tap_customerly.reading import Batch
from tap_customerly.schemas import WEBHOOK_EVENT
from tap_customerly.streams import CustomerlyStream

if TYPE_CHECKING:
    from collections.abc import Generator

    from singer_sdk.helpers.types import Context


class WebhookEvents(CustomerlyStream):
    """The spool's deliveries (wire contract, Webhooks): each once, from the bookmark on.

    What is there is never known to be all that there was, since old deliveries are removed.
    """

    record_schema = WEBHOOK_EVENT
    primary_keys = ("sequence",)
    replication_key = "sequence"
    read_bookmark = staticmethod(read_integer)

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:  # noqa: ARG002
        """Read what lies in the spool now.

        Args:
            context: Unused.

        Yields:
            Batches; their state is the last sequence in them.

        Raises:
            SpoolError: There is no spool.
            ConfigError: The bookmark is another spool's.
        """
        from customerly.webhooks.spool import SpoolError, SpoolReader

        bookmark = self.saved()["bookmark"]
        after = 0 if self.is_full_table else bookmark or 0
        with SpoolReader(self.config["webhook_spool"]) as spool:
            last = spool.last_sequence
            if after > last:
                raise ConfigError(
                    f"webhook_spool: the state was read up to delivery {after}, but the spool "
                    f"ends at {last}: it is another one; remove webhook_events from the state"
                )
            if bookmark:
                try:
                    spool.mark_read(bookmark)  # the target has confirmed it
                except SpoolError as error:
                    self.warn(str(error))
            while after < last and (deliveries := spool.read(after=after)):
                after = deliveries[-1].sequence
                rows = [self.clean(delivery.to_dict()) for delivery in deliveries]
                state = None if self.is_full_table else {"bookmark": after}
                yield Batch(rows, state, last - after)
