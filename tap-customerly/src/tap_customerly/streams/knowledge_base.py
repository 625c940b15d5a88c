"""The knowledge base: collections, their articles, writers (docs/api-contract.md#the-rest)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tap_customerly.pagination import Batch, forward
from tap_customerly.records.schemas import ARTICLE, COLLECTION, WRITER
from tap_customerly.streams.base import CustomerlyStream
from tap_customerly.streams.single_answer import SingleAnswerStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from customerly.api import Api

    from tap_customerly.streams.strategies import Item, Strategy

_COLLECTION = "knowledge_base_collection_id"
_ARTICLE = "knowledge_base_article_id"
_WRITER = "writer_id"
_WRITER_NAMES = ("knowledge_base_writer_id", "account_id", "id")


class Collections(SingleAnswerStream):
    """The collections."""

    record_schema = COLLECTION
    primary_keys = (_COLLECTION,)

    def items(self) -> list[Item]:
        """Ask for the collections."""
        return self.api.list_collections()


class Articles(CustomerlyStream):
    """The articles of all collections."""

    record_schema = ARTICLE
    primary_keys = (_ARTICLE,)
    selected_by_default = False

    def strategy(self) -> Strategy:
        """Read one collection after another.

        Returns:
            The strategy.
        """
        return ByCollection(self.api, self.config["page_size"])


@dataclass(frozen=True)
class ByCollection:
    """Articles, which the API lists for one collection at a time; never a complete picture.

    Args:
        api: The API.
        page_size: Articles a page.
    """

    api: Api
    page_size: int

    def batches(self) -> Iterator[Batch[Item]]:
        """Read collection after collection, page after page."""
        for collection in self.api.list_collections():
            number = collection.get(_COLLECTION)
            if number is None:
                continue
            fetch = partial(self._page, number)
            for articles in forward(fetch, _keys):
                yield Batch([{_COLLECTION: number, **article} for article in articles])

    def _page(self, collection: int | str, page: int) -> list[Item]:
        return self.api.list_articles(collection, page=page, per_page=self.page_size)


def _keys(articles: list[Item]) -> list[str]:
    return [str(article.get(_ARTICLE)) for article in articles]


class Writers(SingleAnswerStream):
    """The writers, of unknown fields."""

    record_schema = WRITER
    primary_keys = (_WRITER,)

    def items(self) -> list[Item]:
        """Ask for the writers, and give each its key."""
        return [with_writer_id(writer) for writer in self.api.list_writers()]


def with_writer_id(writer: Item) -> Item:
    """Add a writer's key, under whichever name the API has it.

    Args:
        writer: As it came.

    Returns:
        The same with `writer_id`.
    """
    keys = (writer[name] for name in _WRITER_NAMES if writer.get(name) is not None)
    return {_WRITER: next(keys, None), **writer}
