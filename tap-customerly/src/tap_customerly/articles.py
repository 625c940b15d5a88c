"""The knowledge base's articles (wire contract, The rest): one collection after another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_customerly.paging import forward
from tap_customerly.reading import Batch
from tap_customerly.schemas import ARTICLE
from tap_customerly.single_answer import COLLECTION_KEY, Collections
from tap_customerly.streams import CustomerlyStream

if TYPE_CHECKING:
    from collections.abc import Generator

    from singer_sdk.helpers.types import Context

_ARTICLE = "knowledge_base_article_id"


class Articles(CustomerlyStream):
    """The articles of all collections; page by page, they are never known to be complete."""

    record_schema = ARTICLE
    primary_keys = (_ARTICLE,)
    selected_by_default = False
    parent_stream_type = Collections
    state_partitioning_keys = ()

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:
        """Read one collection's articles.

        Args:
            context: The collection's id.

        Yields:
            A batch a page.
        """
        collection = (context or {})[COLLECTION_KEY]
        size = self.config["page_size"]
        pages = forward(
            lambda page: self.api.list_articles(collection, page=page, per_page=size),
            lambda rows: [str(row.get(_ARTICLE)) for row in rows],
        )
        for page in pages:
            yield Batch([self.clean({COLLECTION_KEY: collection, **article}) for article in page])
