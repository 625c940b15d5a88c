"""The forms in which a look-up carries a contact's tags (docs/api-contract.md#one-contact)."""

from __future__ import annotations

import json

from customerly.answer_forms import tag_name
from customerly.values import Unreadable


def read_tags(value: object) -> list[str]:
    """Read the names of tags: from names, from objects that hold one, or from text with commas.

    Args:
        value: `user_tags` as it came.

    Returns:
        The names, in their order.

    Raises:
        Unreadable: More came than names; the names that were read stand instead.
    """
    tags = _tags_in(value)
    names = [name for name in map(tag_name, tags) if name]
    if len(names) < len(tags):
        raise Unreadable(names or None)
    if any(isinstance(tag, dict) and len(tag) > 1 for tag in tags):
        raise Unreadable(names)
    return names


def _tags_in(value: object) -> list[object]:
    if isinstance(value, str):
        if value.strip().startswith(("[", "{")):
            try:
                return _tags_in(json.loads(value))
            except ValueError:
                raise Unreadable from None
        return [name.strip() for name in value.split(",") if name.strip()]
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        raise Unreadable
    if tag_name(value):
        return [value]
    # An array with gaps has numbers for keys; else the keys are the names.
    return list(value.values()) if all(key.isdigit() for key in value) else list(value)
