"""The knowledge base (wire contract, The rest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox import knowledge, wire
from customerly_sandbox.calls import ApiError, Call, Reply
from customerly_sandbox.fields import APP_ID, Record
from customerly_sandbox.routes_contacts import done

if TYPE_CHECKING:
    from customerly_sandbox.service import Service

_KEYS = {
    "collections": "knowledge_base_collection_id",
    "articles": "knowledge_base_article_id",
}


def _shelf(service: Service, name: str) -> dict[int, Record]:
    base = service.store.knowledge
    return base.collections if name == "collections" else base.articles


def _item(service: Service, call: Call) -> Record:
    name, number = call.params
    found = _shelf(service, name).get(int(number)) if number.isdecimal() else None
    if found is None:
        message = f"The {name[:-1]} doesn't exist"
        raise ApiError(message, service.quirks.missing_contact_status)
    return found


def list_collections(service: Service, call: Call) -> Reply:
    """Every collection."""
    found = list(service.store.knowledge.collections.values())
    call.count = len(found)
    return Reply(wire.data(found))


def list_articles(service: Service, call: Call) -> Reply:
    """One page of one collection's articles."""
    quirks = service.quirks
    size = min(max(1, call.number("per_page", quirks.default_page_size)), quirks.largest_page)
    page = max(0, call.number("page", quirks.first_page) - quirks.first_page)
    articles = service.store.knowledge.of_collection(call.number(_KEYS["collections"], -1))
    found = articles[page * size : (page + 1) * size]
    call.count = len(found)
    return Reply(wire.data(found))


def list_writers(_service: Service, call: Call) -> Reply:
    """Who writes articles."""
    call.count = len(knowledge.WRITERS)
    return Reply(wire.data(knowledge.WRITERS))


def get_item(service: Service, call: Call) -> Reply:
    """One collection or article."""
    return Reply(wire.data(_item(service, call)))


def _sent(service: Service, call: Call) -> Record:
    """What a collection or article is to hold."""
    sent = call.json()
    if not str(sent.get(_KEYS["collections"], 1)).isdecimal():
        message = "The collection doesn't exist"
        raise ApiError(message, service.quirks.refusal_status)
    return sent


def create_item(service: Service, call: Call) -> Reply:
    """A new collection or article."""
    name = call.params[0]
    shelf = _shelf(service, name)
    number = max(shelf, default=0) + 1
    shelf[number] = {"app_id": APP_ID, **_sent(service, call), _KEYS[name]: number}
    if name == "articles":
        shelf[number].setdefault(_KEYS["collections"], 1)
    service.store.history.add(f"create_{name[:-1]}", number=number)
    return Reply(wire.data(shelf[number]))


def edit_item(service: Service, call: Call) -> Reply:
    """Change a collection or article."""
    name, number = call.params
    item = _item(service, call)
    item.update(_sent(service, call) | {_KEYS[name]: int(number)})
    service.store.history.add(f"edit_{name[:-1]}", number=int(number))
    return Reply(wire.data(item))


def delete_item(service: Service, call: Call) -> Reply:
    """Delete a collection, with its articles, or an article."""
    name, number = call.params
    _item(service, call)
    del _shelf(service, name)[int(number)]
    if name == "collections":
        base = service.store.knowledge
        for article in base.of_collection(int(number)):
            del base.articles[int(article[_KEYS["articles"]])]
    service.store.history.add(f"delete_{name[:-1]}", number=int(number))
    return done(service, "Deleted")
