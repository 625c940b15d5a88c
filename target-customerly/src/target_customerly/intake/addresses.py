"""E-mail addresses: read as a person means them, or refused."""

from __future__ import annotations

import re
from functools import lru_cache

from customerly.text import trimmed
from email_validator import EmailNotValidError, validate_email

from target_customerly.intake.values import BadValue, form_of

LONGEST_ADDRESS = 254
"""Characters."""

USUAL_ADDRESS = r"[A-Za-z0-9_.%+-]+@((?:[A-Za-z0-9_-]+\.)+[A-Za-z0-9_-]+)"
"""A pattern of what goes out as it is where its domain, the first group, has no complaint."""

_LOCAL = r"[^\s@,;:<>()\[\]\"]+"
_DOMAIN = r"[^\s@,;:<>()\[\]\"/\\.]+(?:\.[^\s@,;:<>()\[\]\"/\\.]+)+"
_ADDRESS = re.compile(f"{_LOCAL}@({_DOMAIN})")
_USUAL = re.compile(USUAL_ADDRESS)
_WITH_NAME = re.compile(r"[^<>]*<([^<>]*)>")
_SEVERAL = re.compile(r"@[^@]*[\s,;|/][^@]*@")
_QUOTES = "\"'‘’“”„«»`´"
_MAILTO = "mailto:"


def address(column: str, value: object) -> str:
    """Read an e-mail address.

    Blanks and invisible characters at its ends, `mailto:`, quotes, and the name in
    `Ada <ada@example.com>` are dropped; else it goes out as it came.

    Args:
        column: The column's name, for the complaint.
        value: The address.

    Returns:
        The address alone.

    Raises:
        BadValue: No mail could ever reach it.
    """
    if not isinstance(value, str):
        raise BadValue(f"{column}: must be an e-mail address, and is {form_of(value)}")
    found = _USUAL.fullmatch(value)
    if not found:
        value = value if _is_clean(value) else _unwrapped(value)
        found = _ADDRESS.fullmatch(value)
    if not found or len(value) > LONGEST_ADDRESS or not value.isprintable():
        several = "holds more than one address" if _SEVERAL.search(value) else ""
        raise BadValue(f"{column}: {several or 'is not an e-mail address'} ({form_of(value)})")
    complaint = domain_complaint(found[1])
    if complaint:
        raise BadValue(f"{column}: is not an e-mail address that mail can reach: {complaint}")
    return value


def _is_clean(value: str) -> bool:
    """Tell whether a text is an address with nothing around it."""
    in_quotes = value[:1] in _QUOTES or value[-1:] in _QUOTES
    return not in_quotes and value.isprintable() and bool(_ADDRESS.fullmatch(value))


def _unwrapped(value: str) -> str:
    value = trimmed(value)
    if named := _WITH_NAME.fullmatch(value):
        value = trimmed(named[1])
    value = trimmed(value.strip(_QUOTES))
    if value[: len(_MAILTO)].lower() == _MAILTO:
        value = trimmed(value[len(_MAILTO) :].partition("?")[0])
    return value


@lru_cache(maxsize=16_384)
def domain_complaint(domain: str) -> str:
    """Say what is wrong with a domain, without asking the network.

    Args:
        domain: What stands behind the `@`.

    Returns:
        The complaint; empty where mail can reach it.
    """
    try:
        validate_email(f"a@{domain}", check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return str(error).rstrip(".")
    return ""
