"""The route table: every endpoint of the wire contract, and which function answers it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from customerly_sandbox import routes_contacts as contacts
from customerly_sandbox import routes_knowledge as knowledge
from customerly_sandbox import routes_rest as rest
from customerly_sandbox import routes_tags as tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.calls import Call, Reply
    from customerly_sandbox.service import Service

    Handler = Callable[[Service, Call], Reply]

_TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", r"(users|leads)/list", contacts.list_contacts),
    ("GET", r"(users|leads)", contacts.get_contact),
    ("POST", r"(users|leads)", contacts.upsert_contacts),
    ("DELETE", r"(users|leads)", contacts.delete_contact),
    ("POST", r"users/unsubscribe/([^/]+)", rest.unsubscribe),
    ("POST", r"users/add-attributes/([^/]+)", rest.add_attributes),
    ("POST", r"users/add-to-company", rest.add_to_company),
    ("POST", r"company/add-attributes/([^/]+)", rest.company_attributes),
    ("GET", r"tags", tags.list_tags),
    ("POST", r"tags", tags.tag_contacts),
    ("DELETE", r"tags", tags.delete_tag),
    ("GET", r"accounts", rest.list_accounts),
    ("GET", r"knowledge/collections", knowledge.list_collections),
    ("GET", r"knowledge/articles", knowledge.list_articles),
    ("GET", r"knowledge/writers", knowledge.list_writers),
    ("POST", r"knowledge/(collections|articles)", knowledge.create_item),
    ("GET", r"knowledge/(collections|articles)/([^/]+)", knowledge.get_item),
    ("POST", r"knowledge/(collections|articles)/([^/]+)", knowledge.edit_item),
    ("DELETE", r"knowledge/(collections|articles)/([^/]+)", knowledge.delete_item),
    ("POST", r"messages", rest.send_message),
)
_COMPILED = [(method, re.compile(pattern), handler) for method, pattern, handler in _TABLE]

WITH_FINAL_SLASH = frozenset({"accounts", "knowledge/articles"})
"""Paths that the contract writes with a slash at the end."""


def find(method: str, path: str) -> tuple[Handler, tuple[str, ...]] | int:
    """The handler and the path's parameters, or 404 or 405 where there is none.

    Args:
        method: Upper case.
        path: Below the API's root, without slashes at its ends.
    """
    status = 404
    for known, pattern, handler in _COMPILED:
        match = pattern.fullmatch(path)
        if match and known == method:
            return handler, match.groups()
        status = 405 if match else status
    return status
