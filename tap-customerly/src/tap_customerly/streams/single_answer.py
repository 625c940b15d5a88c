"""Streams that one answer holds whole: tags and teammates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_customerly.records.schemas import ACCOUNT, TAG
from tap_customerly.streams.base import CustomerlyStream
from tap_customerly.streams.strategies import SingleAnswer

if TYPE_CHECKING:
    from tap_customerly.streams.strategies import Item, Strategy


class Tags(CustomerlyStream):
    """The names of all tags (docs/api-contract.md#tags)."""

    record_schema = TAG
    primary_keys = ("name",)

    def strategy(self) -> Strategy:
        """Read the names, no more than the setting `lists` allows.

        Returns:
            The strategy.
        """
        listing = (self.config.get("lists") or {}).get("tags") or {}
        return SingleAnswer(self._names, self.completeness.last_rows, listing.get("limit"))

    def _names(self) -> list[Item]:
        """Return each name once, and every tag without one: it is there, whatever its name."""
        names = self.api.read_tags()
        nameless = [None] * names.count("")
        return [{"name": name} for name in (*dict.fromkeys(filter(None, names)), *nameless)]


class Accounts(CustomerlyStream):
    """The teammates (docs/api-contract.md#the-rest)."""

    record_schema = ACCOUNT
    primary_keys = ("account_id",)
    selected_by_default = False

    def strategy(self) -> Strategy:
        """Read all of them.

        Returns:
            The strategy.
        """
        return SingleAnswer(self.api.list_accounts, self.completeness.last_rows)
