"""The forms that an answer's `data` can take: lists, single contacts, the outcome of a batch.

Much of it is assumed (docs/api-contract.md#create-or-update), so every plausible form is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_FAILURE_KEYS = ("errors", "not_added", "failed", "not_found", "not_tagged", "rejected")
_COUNT_KEYS = ("inserted", "updated")
_NAME_KEYS = ("email", "user_id", "contact", "user", "lead", "record", "id")
_REASON_KEYS = ("reason", "message", "error", "description")
UNSAID = "the API refused it and gave no reason"
"""The reason of a contact that the API only names, or only counts."""


@dataclass
class BatchOutcome:
    """What became of the contacts of one request (docs/api-contract.md#create-or-update).

    Args:
        failed: Index in the request to the API's reason, for each contact that it named.
        unnamed: How many more were not stored, going by the count, without being named.
        by_position: Whether a contact was named by nothing but a number, of which nobody knows
            whether it counts from 0 or from 1.
    """

    failed: dict[int, str] = field(default_factory=dict)
    unnamed: int = 0
    by_position: bool = False


def items_of(data: object, *names: str) -> list[Any] | None:
    """Find the list in an envelope's `data`.

    An array with gaps arrives as an object with numbers for keys (docs/api-contract.md#basics).
    Nothing at all, or an empty object, is no list: PHP sends an empty one as `[]`.

    Args:
        data: The envelope's `data`.
        names: Keys under which the list may be.

    Returns:
        The items; None where `data` holds no list.
    """
    if isinstance(data, list):
        return data
    if not isinstance(data, dict) or not data:
        return None
    for name in names:
        if name in data:
            return items_of(data[name])
    if all(key.isdigit() for key in data):
        return list(data.values())
    lists = [value for value in data.values() if isinstance(value, list)]
    return lists[0] if names and len(lists) == 1 else None


def holds_list(data: object) -> bool:
    """Say whether there is a list in an envelope's `data`, under whatever name.

    Args:
        data: The envelope's `data`.

    Returns:
        True for a list, an array with gaps, and an object that holds either.
    """
    if isinstance(data, dict):
        return items_of(data) is not None or any(
            items_of(inner) is not None for inner in data.values()
        )
    return isinstance(data, list)


def holds_objects(data: object) -> bool:
    """Say whether there is a list of nothing but objects in an envelope's `data`.

    Args:
        data: The envelope's `data`.

    Returns:
        True where `holds_list` finds a list that is empty or holds objects alone.
    """
    inner = data.values() if isinstance(data, dict) else ()
    lists = [items for value in (data, *inner) if (items := items_of(value)) is not None]
    return any(all(isinstance(item, dict) for item in items) for items in lists)


def tag_name(item: object) -> str:
    """Read a tag, a bare name or an object that holds it.

    Args:
        item: A tag as it came.

    Returns:
        Its name; empty where it has none.
    """
    if isinstance(item, dict):
        item = item.get("name") or item.get("tag") or item.get("title")
    return "" if item is None or isinstance(item, (bool, dict, list)) else str(item)


def tag_names(value: object) -> list[str]:
    """Read a contact's tags, a list of names or objects, an object, or text with commas.

    Args:
        value: `user_tags` of a look-up, as it came.

    Returns:
        Their names, each once.
    """
    if isinstance(value, str):
        value = value.split(",")
    if isinstance(value, dict):
        value = list(value.values() if all(key.isdigit() for key in value) else value)
    items = value if isinstance(value, list) else []
    return list(dict.fromkeys(name for item in items if (name := tag_name(item).strip())))


def single_of(data: object, kind: str) -> dict[str, Any] | None:
    """Find the one contact in a look-up's `data` (docs/api-contract.md#one-contact).

    Args:
        data: The envelope's `data`.
        kind: `users` or `leads`, a key under which it may be.

    Returns:
        The contact; None where there is none.
    """
    if isinstance(data, list):
        data = data[0] if len(data) == 1 else None
    if not isinstance(data, dict) or not data:
        return None
    for name in (kind, kind.removesuffix("s"), "contact"):
        if name in data and "crmhero_user_id" not in data:
            return single_of(data[name], "")
    return data


def outcome_of(
    data: object,
    sent: Sequence[Mapping[str, Any]],
    *,
    count_decides: bool = True,
) -> BatchOutcome:
    """Read which contacts of a request were left out, in whichever form the API says it.

    Args:
        data: The envelope's `data`.
        sent: The contacts, in the order in which they were sent.
        count_decides: Whether a count lower than what was sent means that some are missing.

    Returns:
        The outcome.
    """
    outcome = BatchOutcome()
    places: dict[int, str] = {}
    if not isinstance(data, dict):
        return outcome
    data = _innermost(data)
    nameless = 0
    for named, reason in (pair for key in _FAILURE_KEYS for pair in _pairs(data.get(key))):
        index, by_position = _find(named, sent)
        if index is None:
            nameless += 1
        else:
            (places if by_position else outcome.failed).setdefault(index, reason)
    # One that is past the last shows that they count from 1.
    base = 1 if len(sent) in places and 0 not in places else 0
    outcome.by_position = bool(places) and not base
    for place, reason in places.items():
        if place - base < len(sent):
            outcome.failed.setdefault(place - base, reason)
        else:
            nameless += 1
    accepted = _accepted(data, len(sent)) if count_decides else None
    short = nameless if accepted is None else len(sent) - accepted - len(outcome.failed)
    outcome.unnamed = min(max(short, 0), len(sent) - len(outcome.failed))
    return outcome


def _innermost(data: dict[str, Any]) -> dict[str, Any]:
    """Step into an object that is alone in `data`, as one under the name of the contacts."""
    inner = [value for value in data.values() if isinstance(value, dict)]
    is_told = any(key in data for key in (*_FAILURE_KEYS, *_COUNT_KEYS))
    return data if is_told or len(inner) != 1 else inner[0]


def _accepted(data: Mapping[str, Any], sent: int) -> int | None:
    """Read the count of accepted contacts; one that tells updates apart is added up."""
    counts = [count for key in _COUNT_KEYS if (count := _count(data.get(key))) is not None]
    if not counts:
        return None
    return sum(counts) if sum(counts) <= sent else counts[0]


def _count(value: object) -> int | None:
    """Read a count, or how many a list or an array with gaps names."""
    if isinstance(value, (list, dict)):
        return len(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(value) if _is_whole(value) else None


def _is_whole(value: object) -> TypeGuard[str | int]:
    if isinstance(value, str):
        return value.isdecimal()
    return isinstance(value, int) and not isinstance(value, bool)


def _pairs(complaints: object) -> Iterable[tuple[Any, str]]:
    """Yield what names a contact, and the reason, for each element of a list of failures."""
    if isinstance(complaints, dict):
        for key, reason in complaints.items():
            yield key, reason if isinstance(reason, str) else _reason(reason)
    elif isinstance(complaints, (list, str)) and complaints:
        for item in [complaints] if isinstance(complaints, str) else complaints:
            yield item, _reason(item)
    elif isinstance(complaints, int):  # how many
        yield from [(None, UNSAID)] * complaints


def _reason(item: object) -> str:
    if isinstance(item, str) and " " in item.strip():
        return item  # a sentence, which may name a contact
    if isinstance(item, dict):
        for key in _REASON_KEYS:
            if item.get(key):
                return str(item[key])
    return UNSAID


def _find(named: object, sent: Sequence[Mapping[str, Any]]) -> tuple[int | None, bool]:
    """Find the contact that an element names: by address, user id, or place in the request."""
    if isinstance(named, dict):
        for key in _NAME_KEYS:
            if named.get(key) not in (None, ""):
                index, by_position = _find(named[key], sent)
                if index is not None and not by_position:
                    return index, False
        place = named.get("index", named.get("position"))
        return _find(place, sent) if place is not None else (None, False)
    if isinstance(named, (list, bool)) or named is None:
        return None, False
    text = str(named).casefold()
    for index, contact in enumerate(sent):
        key = str(contact.get("email") or contact.get("user_id") or "")
        if key.casefold() == text:
            return index, False
    if _is_whole(named):
        return (int(named), True) if int(named) <= len(sent) else (None, False)
    addresses = [(str(contact.get("email") or "").casefold(), i) for i, contact in enumerate(sent)]
    within = [(len(address), i) for address, i in addresses if address and address in text]
    return (max(within)[1], False) if within else (None, False)
