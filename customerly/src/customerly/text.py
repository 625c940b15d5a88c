"""Text as people and spreadsheets write it: what is blank in it, and what can't be seen."""

from __future__ import annotations

import unicodedata

# Cf holds signs of Arabic that are seen, and what ends the flag of England: neither is blank.
_SEEN = range(0x0600, 0x0900)
_LATE = "\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
_BLANK_LETTERS = "\u115f\u1160\u2800"
_INVISIBLE = _BLANK_LETTERS + _LATE
_INVISIBLE += "".join(
    letter
    for code in range(0x3001)
    if code not in _SEEN
    and unicodedata.category(letter := chr(code)) in {"Zs", "Zl", "Zp", "Cc", "Cf"}
)


def trimmed(text: str) -> str:
    """Drop blanks and invisible characters from both ends of a text.

    That is every kind of blank (no-break spaces too), zero-width characters, byte order marks and
    control characters.

    Args:
        text: As it came.

    Returns:
        What a person would say stands there; empty where that is nothing.
    """
    return text.strip(_INVISIBLE)
