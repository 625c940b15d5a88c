"""Streams that one answer holds whole: what is missing in it is gone."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from tap_customerly.reading import Batch
from tap_customerly.schemas import ACCOUNT, COLLECTION, TAG, WRITER
from tap_customerly.streams import CustomerlyStream

if TYPE_CHECKING:
    from collections.abc import Generator

    from singer_sdk.helpers.types import Context

    from tap_customerly.streams import Record

COLLECTION_KEY = "knowledge_base_collection_id"
_WRITER_KEYS = ("knowledge_base_writer_id", "account_id", "id")


class SingleAnswer(CustomerlyStream):
    """A stream that takes one request."""

    selected_by_default = False

    @abstractmethod
    def ask(self) -> list[Record]:
        """Send the request.

        Returns:
            The records as they came.
        """

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:  # noqa: ARG002
        """Read the answer.

        Args:
            context: Unused.

        Yields:
            One batch.
        """
        yield Batch([self.clean(record) for record in self.ask()], complete=True)


class Tags(SingleAnswer):
    """The names of all tags (wire contract, Tags)."""

    record_schema = TAG
    primary_keys = ("name",)
    selected_by_default = True

    def ask(self) -> list[Record]:
        """List the names, no more than the setting `lists` allows.

        Returns:
            A record a name.
        """
        return [{"name": name} for name in self.api.list_tags()[: self._limit]]

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:
        """Read the answer; one that was cut short tells nothing of what is gone.

        Args:
            context: Unused.

        Yields:
            One batch.
        """
        for batch in super().batches(context):
            yield batch._replace(complete=self._limit is None)

    @property
    def _limit(self) -> int | None:
        listing = (self.config.get("lists") or {}).get("tags") or {}
        limit: int | None = listing.get("limit")
        return limit


class Accounts(SingleAnswer):
    """The teammates (wire contract, The rest)."""

    record_schema = ACCOUNT
    primary_keys = ("account_id",)

    def ask(self) -> list[Record]:
        """List the teammates.

        Returns:
            Accounts.
        """
        return self.api.list_accounts()


class Collections(SingleAnswer):
    """The knowledge base's collections (wire contract, The rest)."""

    record_schema = COLLECTION
    primary_keys = (COLLECTION_KEY,)

    def ask(self) -> list[Record]:
        """List the collections.

        Returns:
            Collections.
        """
        return self.api.list_collections()

    def get_child_context(self, record: Record, context: Context | None) -> Context | None:  # noqa: ARG002
        """Name the collection whose articles are to be read.

        Args:
            record: A collection.
            context: Unused.

        Returns:
            The collection's id.
        """
        return {COLLECTION_KEY: record[COLLECTION_KEY]}


class Writers(SingleAnswer):
    """The knowledge base's writers, of unknown fields (wire contract, The rest)."""

    record_schema = WRITER
    primary_keys = ("writer_id",)

    def ask(self) -> list[Record]:
        """List the writers.

        Returns:
            Writers, with their key under one name.
        """
        return [identified(writer) for writer in self.api.list_writers()]


def identified(writer: Record) -> Record:
    """Add a writer's key, under whichever name the API has it.

    Args:
        writer: As it came.

    Returns:
        The same with `writer_id`.
    """
    keys = (writer[name] for name in _WRITER_KEYS if writer.get(name) is not None)
    return {"writer_id": next(keys, None), **writer}
