"""The knowledge base and the teammates: small, and seeded like the contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.fields import APP_ID
from customerly_sandbox.people.person import END

if TYPE_CHECKING:
    from customerly_sandbox.fields import Record

ACCOUNTS: tuple[Record, ...] = (
    {"account_id": 1, "email": "owner@acme.example", "name": "Rosa Owner", "is_admin": 1},
    {"account_id": "2", "email": "support@acme.example", "name": "Şule Support", "is_admin": "0"},
    {"account_id": 3, "email": "sales@acme.example", "name": None, "is_admin": False},
)
WRITERS: tuple[Record, ...] = (
    {"account_id": 1, "name": "Rosa Owner", "email": "owner@acme.example", "num_articles": 90},
    {
        "account_id": "2",
        "name": "Şule Support",
        "email": "support@acme.example",
        "num_articles": 59,
    },
)
_SIZES = (130, 0, 17, 2)
_TITLES = ("Getting started", "Empty shelf", "Häufige Fragen", "よくある質問")


class Knowledge:
    """Collections and articles, by their ids.

    Args:
        seed: Another seed has other numbers of visits.
    """

    def __init__(self, seed: int) -> None:
        self.collections: dict[int, Record] = {}
        self.articles: dict[int, Record] = {}
        for n, (title, size) in enumerate(zip(_TITLES, _SIZES, strict=True), start=1):
            self.collections[n] = _collection(n, title)
            for _ in range(size):
                number = len(self.articles) + 1
                self.articles[number] = _article(number, n, seed)

    def of_collection(self, collection: int) -> list[Record]:
        """The articles of one collection, in order of their ids."""
        key = "knowledge_base_collection_id"
        return [article for article in self.articles.values() if int(article[key]) == collection]


def _collection(number: int, title: str) -> Record:
    return {
        "knowledge_base_collection_id": number,
        "app_id": APP_ID,
        "title": title,
        "description": f"All about: {title}" if number % 2 else None,
        "slug": f"collection-{number}",
        "icon": "book",
        "sort": str(number),
        "locale": "en",
    }


def _article(number: int, collection: int, seed: int) -> Record:
    return {
        "knowledge_base_article_id": number,
        "knowledge_base_collection_id": str(collection) if number % 2 else collection,
        "app_id": APP_ID,
        "title": f"Article {number}: what to do",
        "description": None if number % 5 == 0 else f"Summary of {number}",
        "body": f"<p>Step one for № {number}.</p>",
        "slug": f"article-{number}",
        "status": number % 2,
        "written_by": 1 + number % 2,
        "created_at": END - number * 3600,
        "updated_at": str(END - number * 60),
        "num_visits": number * seed % 97,
        "num_positive_reactions": str(number % 7),
        "num_neutral_reactions": 0,
        "num_negative_reactions": number % 3,
        "keywords": "start,help" if number % 2 else "",
    }
