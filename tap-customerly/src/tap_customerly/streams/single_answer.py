"""Streams that one answer holds whole, such as tags and teammates."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from tap_customerly.records.schemas import ACCOUNT, TAG
from tap_customerly.streams.base import CustomerlyStream
from tap_customerly.streams.strategies import SingleAnswer

if TYPE_CHECKING:
    from tap_customerly.streams.strategies import Item, Strategy


class SingleAnswerStream(CustomerlyStream):
    """A list that one answer holds whole."""

    selected_by_default = False

    @abstractmethod
    def items(self) -> list[Item]:
        """Ask for the list.

        Returns:
            Items as they came.
        """

    @property
    def limit(self) -> int | None:
        """How many items to take at most; None for all."""
        return None

    def strategy(self) -> Strategy:
        """Read all of them.

        Returns:
            The strategy.
        """
        return SingleAnswer(self.items, self.completeness.last_rows, self.limit)


class Tags(SingleAnswerStream):
    """The names of all tags (docs/api-contract.md#tags)."""

    record_schema = TAG
    primary_keys = ("name",)
    selected_by_default = True

    def items(self) -> list[Item]:
        """Return each name once, and every tag without one: it is there, whatever its name."""
        names = self.api.read_tags()
        nameless = [None] * names.count("")
        return [{"name": name} for name in (*dict.fromkeys(filter(None, names)), *nameless)]

    @property
    def limit(self) -> int | None:
        """As the setting `lists` has it."""
        listing: Item = (self.config.get("lists") or {}).get("tags") or {}
        return listing.get("limit")


class Accounts(SingleAnswerStream):
    """The teammates (docs/api-contract.md#the-rest)."""

    record_schema = ACCOUNT
    primary_keys = ("account_id",)

    def items(self) -> list[Item]:
        """Ask for the teammates."""
        return self.api.list_accounts()
