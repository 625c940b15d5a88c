"""The knowledge base (docs/api-contract.md#the-rest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.api.answers import done
from customerly_sandbox.fields import APP_ID, Record
from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import ApiError, Request, Response
from customerly_sandbox.models import knowledge

if TYPE_CHECKING:
    from customerly_sandbox.project import Project

_KEYS = {
    "collections": "knowledge_base_collection_id",
    "articles": "knowledge_base_article_id",
}


def _shelf(project: Project, name: str) -> dict[int, Record]:
    base = project.store.knowledge
    return base.collections if name == "collections" else base.articles


def _item(project: Project, request: Request) -> Record:
    name, number = request.params
    found = _shelf(project, name).get(int(number)) if number.isdecimal() else None
    if found is None:
        message = f"The {name[:-1]} doesn't exist"
        raise ApiError(message, project.quirks.missing_contact_status)
    return found


def list_collections(project: Project, request: Request) -> Response:
    """Every collection."""
    found = list(project.store.knowledge.collections.values())
    request.count = len(found)
    return Response(encoding.data(found))


def list_articles(project: Project, request: Request) -> Response:
    """One page of one collection's articles."""
    quirks = project.quirks
    size = min(max(1, request.number("per_page", quirks.default_page_size)), quirks.largest_page)
    page = max(0, request.number("page", quirks.first_page) - quirks.first_page)
    articles = project.store.knowledge.of_collection(request.number(_KEYS["collections"], -1))
    found = articles[page * size : (page + 1) * size]
    request.count = len(found)
    return Response(encoding.data(found))


def list_writers(_project: Project, request: Request) -> Response:
    """Who writes articles."""
    request.count = len(knowledge.WRITERS)
    return Response(encoding.data(knowledge.WRITERS))


def get_item(project: Project, request: Request) -> Response:
    """One collection or article."""
    return Response(encoding.data(_item(project, request)))


def _sent(project: Project, request: Request) -> Record:
    """What a collection or article is to hold."""
    sent = request.json()
    if not str(sent.get(_KEYS["collections"], 1)).isdecimal():
        message = "The collection doesn't exist"
        raise ApiError(message, project.quirks.refusal_status)
    return sent


def create_item(project: Project, request: Request) -> Response:
    """A new collection or article."""
    name = request.params[0]
    shelf = _shelf(project, name)
    number = max(shelf, default=0) + 1
    shelf[number] = {"app_id": APP_ID, **_sent(project, request), _KEYS[name]: number}
    if name == "articles":
        shelf[number].setdefault(_KEYS["collections"], 1)
    project.store.history.add(f"create_{name[:-1]}", number=number)
    return Response(encoding.data(shelf[number]))


def edit_item(project: Project, request: Request) -> Response:
    """Change a collection or article."""
    name, number = request.params
    item = _item(project, request)
    item.update(_sent(project, request) | {_KEYS[name]: int(number)})
    project.store.history.add(f"edit_{name[:-1]}", number=int(number))
    return Response(encoding.data(item))


def delete_item(project: Project, request: Request) -> Response:
    """Delete a collection, with its articles, or an article."""
    name, number = request.params
    _item(project, request)
    del _shelf(project, name)[int(number)]
    if name == "collections":
        base = project.store.knowledge
        for article in base.of_collection(int(number)):
            del base.articles[int(article[_KEYS["articles"]])]
    project.store.history.add(f"delete_{name[:-1]}", number=int(number))
    return done(project, "Deleted")
