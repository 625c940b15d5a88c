"""The table of URLs: every endpoint of docs/api-contract.md, and the function that answers it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from customerly_sandbox.api import accounts, companies, contacts, knowledge, messages, tags, users

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.http.messages import Request, Response
    from customerly_sandbox.project import Project

    Handler = Callable[[Project, Request], Response]

_TABLE: tuple[tuple[str, str, Handler], ...] = (
    ("GET", r"(users|leads)/list", contacts.list_contacts),
    ("GET", r"(users|leads)", contacts.get_contact),
    ("POST", r"(users|leads)", contacts.upsert_contacts),
    ("DELETE", r"(users|leads)", contacts.delete_contact),
    ("POST", r"users/unsubscribe/([^/]+)", users.unsubscribe),
    ("POST", r"users/add-attributes/([^/]+)", users.add_attributes),
    ("POST", r"users/add-to-company", companies.add_member),
    ("POST", r"company/add-attributes/([^/]+)", companies.update_company),
    ("GET", r"tags", tags.list_tags),
    ("POST", r"tags", tags.tag_contacts),
    ("DELETE", r"tags", tags.delete_tag),
    ("GET", r"accounts", accounts.list_accounts),
    ("GET", r"knowledge/collections", knowledge.list_collections),
    ("GET", r"knowledge/articles", knowledge.list_articles),
    ("GET", r"knowledge/writers", knowledge.list_writers),
    ("POST", r"knowledge/(collections|articles)", knowledge.create_item),
    ("GET", r"knowledge/(collections|articles)/([^/]+)", knowledge.get_item),
    ("POST", r"knowledge/(collections|articles)/([^/]+)", knowledge.edit_item),
    ("DELETE", r"knowledge/(collections|articles)/([^/]+)", knowledge.delete_item),
    ("POST", r"messages", messages.send_message),
)
_COMPILED = [(method, re.compile(pattern), handler) for method, pattern, handler in _TABLE]

WITH_FINAL_SLASH = frozenset({"accounts", "knowledge/articles"})
"""Paths that are documented with a slash at the end."""


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
