"""Facts that reads alone settle: docs/assumptions.md."""

from __future__ import annotations

import secrets
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from customerly.answer_forms import items_of
from customerly.doctor.findings import settled
from customerly.errors import ContactMissing, RequestFailed
from customerly.values import read_moment, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.api import Api, Contact, Kind
    from customerly.doctor.findings import Answer, Fact

KINDS: tuple[Kind, ...] = ("users", "leads")
_USUAL_CAP = 100
_MOST = 2_000  # contacts that are asked for at once, to see whether there is a cap at all
_PAGES, _ROWS = 5, 10  # that are looked at for their order: no API can find so few too many
_TOO_FEW = "the project has too few contacts to tell"


def nobody() -> str:
    """Make up an address that no contact has.

    Returns:
        An address under example.com, another one each time.
    """
    return f"customerly-doctor-{secrets.token_hex(6)}@example.com"


def settle_by_reading(api: Api) -> list[Fact]:
    """Settle what can be settled without changing anything.

    Args:
        api: The project's API.

    Returns:
        A fact for each of `BY_READING`.
    """
    return [settled(name, partial(ask, api)) for name, ask in BY_READING.items()]


def _missing_contact_status(api: Api) -> Answer:
    try:
        api.get_contact("users", email=nobody())
    except RequestFailed as failed:
        if failed.status is None:
            raise
        return failed.status, f"a look-up of nobody answers HTTP {failed.status}"
    return None, "a look-up of nobody found a contact"


def _page(api: Api, kind: Kind, number: int, **query: Any) -> list[Contact]:
    query = {"sort": "last_update", "sort_direction": "asc", "page": number, **query}
    items = items_of(api.client.request("GET", f"{kind}/list", query=query).data, kind)
    return [item for item in items or () if isinstance(item, dict)]


def _per_page_default(api: Api) -> Answer:
    for kind in KINDS:
        size = len(_page(api, kind, 0))
        if _page(api, kind, 1):
            return size, f"a list of {kind} without per_page holds {size} a page"
    return None, _TOO_FEW


def _per_page_cap(api: Api) -> Answer:
    for kind in KINDS:
        cap = _cap_of(api, kind)
        if cap is not None:
            return cap, f"a list of {kind} holds {cap} a page, and no more if asked for more"
    return None, _TOO_FEW


def _cap_of(api: Api, kind: Kind) -> int | None:
    """Find the largest page: double until one is not full, then halve the distance."""
    full, wanted = 0, _USUAL_CAP
    while (answered := _is_full(api, kind, wanted)) is True:
        full, wanted = wanted, wanted + 1 if wanted == _USUAL_CAP else wanted * 2
        if wanted > _MOST:
            return None
    if answered is None:
        return None
    while wanted - full > 1:
        middle = (full + wanted) // 2
        if _is_full(api, kind, middle):
            full = middle
        else:
            wanted = middle
    return full


def _is_full(api: Api, kind: Kind, per_page: int) -> bool | None:
    """Tell whether a page has the size that was asked for; None where the list is shorter.

    A page of the right size proves nothing where one fewer gives the same: it is the default's.
    """
    try:
        size = len(_page(api, kind, 0, per_page=per_page))
        if size == per_page > 1 and len(_page(api, kind, 0, per_page=per_page - 1)) == size:
            return False
    except RequestFailed as failed:
        if failed.status is None:
            raise
        return False
    if size == per_page:
        return True
    return False if _page(api, kind, 1, per_page=per_page) else None


def _order_by_last_update(api: Api) -> Answer:
    for kind in KINDS:
        pages = [_page(api, kind, number, per_page=_ROWS) for number in range(_PAGES)]
        rows = [row for page in pages for row in page]
        back = _page(api, kind, 0, per_page=_ROWS, sort_direction="desc")
        ascending = [_moment(row) for row in rows]
        descending = [_moment(row) for row in back]
        if len(set(ascending)) > 1:
            ordered = _never_falls(ascending) and _never_falls(descending[::-1])
            right_way = descending[0] >= ascending[-1]
            word = "follow" if ordered and right_way else "do not follow"
            return ordered and right_way, f"{len(rows)} {kind}, both ways, {word} last_update"
    return None, _TOO_FEW


def _moment(row: Contact) -> str:
    """A contact without a date comes first (docs/api-contract.md#lists)."""
    return readable(read_moment, row.get("last_update")) or ""


def _never_falls(moments: list[str]) -> bool:
    return all(before <= after for before, after in pairwise(moments))


def _addresses_ignore_case(api: Api) -> Answer:
    for kind in KINDS:
        for row in _page(api, kind, 0, per_page=_ROWS):
            email = str(row.get("email") or "")
            if email.isascii() and email != email.swapcase():
                return _is_found_by(api, kind, row, email.swapcase())
    return None, _TOO_FEW


def _is_found_by(api: Api, kind: Kind, row: Contact, email: str) -> Answer:
    try:
        found = api.get_contact(kind, email=email)
    except ContactMissing:
        return False, "a look-up with the other case finds nobody"
    same = str(found.get("crmhero_user_id")) == str(row.get("crmhero_user_id"))
    return same, f"a look-up with the other case finds {'the same' if same else 'another'} contact"


BY_READING: dict[str, Callable[[Api], Answer]] = {
    "missing_contact_status": _missing_contact_status,
    "per_page_cap": _per_page_cap,
    "per_page_default": _per_page_default,
    "order_by_last_update": _order_by_last_update,
    "addresses_ignore_case": _addresses_ignore_case,
}
