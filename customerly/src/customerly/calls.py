"""The check of calls that a user composes: never another host, never a header of ours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_OWN_HEADERS = {
    "authorization",
    "authentication",
    "proxy-authorization",
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
}


def host_path(path: str) -> str:
    """Check a path that a user gives for a call of their own.

    Args:
        path: Relative to the API's host, as `/v1/users/list`.

    Returns:
        The same path.

    Raises:
        ConfigError: It could lead to another host or climb out of the API's paths.
    """
    plain = unquote(unquote(path))
    parts = urlsplit(path)
    wrong = (
        not path.startswith("/")
        or plain.startswith(("//", "/\\"))
        or "\\" in plain
        or parts.netloc
        or parts.scheme
        or "#" in path
        or ".." in plain.split("?")[0].split("/")
        or "." in plain.split("?")[0].split("/")
        or not plain.isprintable()
        or " " in path
    )
    if wrong:
        raise ConfigError(
            "The path of a call must be relative to the API's host, as /v1/users/list: "
            "no other host, no '..', no blank, backslash or control character"
        )
    return quote(path, safe="/%?&=+:@!$'()*,;~-._")


def checked_method(method: str) -> str:
    """Check a method that a user gives for a call of their own.

    Args:
        method: As `get`.

    Returns:
        The method in capitals.

    Raises:
        ConfigError: It is no word, or one that no API call has.
    """
    if not re.fullmatch(r"[A-Za-z]{1,20}", method) or method.upper() in {"CONNECT", "TRACE"}:
        raise ConfigError("The method of a call must be a word such as GET, POST or DELETE")
    return method.upper()


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """Check the headers that a user gives for a call of their own.

    Args:
        headers: Name to value.

    Returns:
        The same headers.

    Raises:
        ConfigError: One is ours to set, or could smuggle in another.
    """
    checked = {}
    for name, value in (headers or {}).items():
        text = str(value)
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", str(name)):
            raise ConfigError("A header's name holds a character that none can have")
        if str(name).lower() in _OWN_HEADERS:
            raise ConfigError(f"The header {name} is set by the connector itself: leave it out")
        if not re.fullmatch(r"[\x20-\x7e]*", text) or text != text.strip():
            raise ConfigError(f"The header {name} holds a character that can't be sent")
        checked[str(name)] = text
    return checked
