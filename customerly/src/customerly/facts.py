"""What is known of a project's API where its documentation is silent: docs/assumptions.md.

`customerly doctor --facts FILE` writes it, and the connectors' setting `api_facts` reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from customerly.errors import ConfigError


class ApiFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answers to the assumptions; None: not known.

    Args:
        missing_contact_status: HTTP status of a look-up of nobody (docs/api-contract.md#basics).
        per_page_cap: Most contacts that a list page holds (docs/api-contract.md#lists).
        per_page_default: Contacts a page where `per_page` is not sent (docs/api-contract.md#lists).
        order_by_last_update: Whether a list follows `sort=last_update` (docs/pagination.md).
        tags_in_upsert: What `tags` in an upsert does (docs/api-contract.md#create-or-update).
        rejected_element: How a contact of a batch that was refused is named; `unnamed`: only
            `inserted` tells; `whole`: the batch is refused (docs/api-contract.md#create-or-update).
        rejected_field: The list that names it (docs/api-contract.md#create-or-update).
        tagging_unknown: Whether `POST /tags` says that a contact is not there
            (docs/api-contract.md#tags).
        addresses_ignore_case: Whether addresses that differ only in case are one contact
            (docs/api-contract.md#create-or-update).
        long_text: What becomes of attribute text over 128 characters
            (docs/api-contract.md#create-or-update).
        tagging_moves_last_update: Whether tagging counts as a change of the contact
            (docs/api-contract.md#tags).
    """

    missing_contact_status: int | None = None
    per_page_cap: int | None = None
    per_page_default: int | None = None
    order_by_last_update: bool | None = None
    tags_in_upsert: Literal["add", "replace", "ignore"] | None = None
    rejected_element: Literal["email", "index", "object", "unnamed", "whole"] | None = None
    rejected_field: Literal["errors", "not_added"] | None = None
    tagging_unknown: Literal["ignore", "error"] | None = None
    addresses_ignore_case: bool | None = None
    long_text: Literal["reject", "truncate", "accept"] | None = None
    tagging_moves_last_update: bool | None = None


class _Answer(msgspec.Struct):
    fact: str
    answer: object = None


class _File(msgspec.Struct):
    facts: list[_Answer]


def read_facts(path: str | Path | None) -> ApiFacts:
    """Read what `customerly doctor --facts` wrote.

    Args:
        path: The file, which holds `{"facts": [{"fact": …, "answer": …}]}` or an object from fact
            to answer; None or empty: nothing is known.

    Returns:
        The facts; names that are not known here are passed over.

    Raises:
        ConfigError: The file cannot be read, or holds an answer that a fact cannot have.
    """
    if not path:
        return ApiFacts()
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"api_facts: {path} cannot be read: {error.strerror}") from error
    try:
        found = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=dict[str, object])
        if "facts" in found:
            found = {each.fact: each.answer for each in msgspec.convert(found, _File).facts}
        return msgspec.convert(found, ApiFacts)
    except (msgspec.MsgspecError, UnicodeError) as error:
        message = f"api_facts: {path} is no file of `customerly doctor --facts`: {error}"
        raise ConfigError(message) from error
