"""Names of custom attributes: the form that the API takes."""

from __future__ import annotations

import re
import unicodedata

from anyascii import anyascii
from customerly.text import trimmed

_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+")


def normalised(name: str) -> str:
    """Normalise an attribute's name (docs/api-contract.md#create-or-update).

    Args:
        name: A column's name.

    Returns:
        The name itself where it holds nothing but ASCII letters, digits and `_`; otherwise with
        accents folded, other scripts transliterated, in lower case, the rest `_`; empty where
        nothing else is left.
    """
    if _PLAIN_NAME.fullmatch(name):
        return name
    folded = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    plain = re.sub(r"[^a-z0-9_]", "_", anyascii(trimmed(folded)).lower())
    return plain if plain.strip("_") else ""


def is_plain_name(name: str) -> bool:
    """Tell whether the API takes an attribute's name as it is.

    Args:
        name: The name.

    Returns:
        True where it holds nothing but ASCII letters, digits and `_`.
    """
    return bool(_PLAIN_NAME.fullmatch(name))
