"""The settings that the tap, the target and the command line share."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_API_URL = "https://api.customerly.io/v1"

CONNECTION_SETTINGS: dict[str, dict[str, Any]] = {
    "access_token": {
        "type": "string",
        "secret": True,
        "title": "Access token",
        "description": "The project's API token (Project Settings > Installation > Public API)",
    },
    "api_url": {
        "type": "string",
        "default": DEFAULT_API_URL,
        "title": "API URL",
        "description": "Where the API is; plain http only for a loopback address",
    },
    "max_concurrency": {
        "type": "integer",
        "minimum": 1,
        "default": 4,
        "title": "Max concurrency",
        "description": "Requests in flight at once",
    },
    "requests_per_second": {
        "type": ["number", "null"],
        "exclusiveMinimum": 0,
        "title": "Requests per second",
        "description": "A ceiling on the request rate; none where it is not set",
    },
    "request_timeout": {
        "type": "number",
        "exclusiveMinimum": 0,
        "default": 60,
        "title": "Request timeout",
        "description": "Seconds without an answer before a try counts as failed",
    },
    "max_attempts": {
        "type": "integer",
        "minimum": 1,
        "default": 6,
        "title": "Max attempts",
        "description": "Tries of one request, with exponential backoff; Retry-After is obeyed",
    },
    "user_agent": {
        "type": ["string", "null"],
        "title": "User agent",
        "description": "What the connector calls itself; by default its name and version",
    },
}
"""JSON schema of each shared setting, for a connector's `config_jsonschema`."""

_TOKEN = re.compile(r"[\x21-\x7e]+")
_HEADER_TEXT = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True)
class Connection:
    """How to reach the API.

    Args:
        access_token: The token as it is sent; never shown.
        api_url: Base URL without a final slash.
        max_concurrency: Requests in flight at once.
        requests_per_second: A ceiling on the request rate, or None.
        request_timeout: Seconds without an answer before a try counts as failed.
        max_attempts: Tries of one request.
        user_agent: Value of the `User-Agent` header.
    """

    access_token: str = field(repr=False)
    api_url: str = DEFAULT_API_URL
    max_concurrency: int = 4
    requests_per_second: float | None = None
    request_timeout: float = 60
    max_attempts: int = 6
    user_agent: str = "customerly"

    @classmethod
    def from_config(cls, config: Mapping[str, Any], *, user_agent: str) -> Connection:
        """Read the shared settings out of a connector's configuration.

        Args:
            config: Setting name to value; those of others are passed over.
            user_agent: What to call ourselves where the configuration does not say.

        Returns:
            The checked settings, defaults filled in.

        Raises:
            ConfigError: A value is missing or cannot be used; the line says which, and never
                repeats the token.
        """
        given = {name: config.get(name) for name in CONNECTION_SETTINGS}
        chosen = {name: value for name, value in given.items() if value is not None}
        agent = str(chosen.get("user_agent") or user_agent)
        if not _HEADER_TEXT.fullmatch(agent):
            raise ConfigError("user_agent: only printable ASCII characters can be sent")
        return cls(
            access_token=_token(chosen.get("access_token")),
            api_url=_api_url(str(chosen.get("api_url") or DEFAULT_API_URL)),
            max_concurrency=int(_positive(chosen, "max_concurrency", 4)),
            requests_per_second=_positive(chosen, "requests_per_second", None),
            request_timeout=_positive(chosen, "request_timeout", 60),
            max_attempts=int(_positive(chosen, "max_attempts", 6)),
            user_agent=agent,
        )

    @property
    def host(self) -> str:
        """The scheme, host and port of the API, as `https://api.customerly.io`."""
        parts = urlsplit(self.api_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def is_loopback(self) -> bool:
        """Whether the API is on this machine, as the sandbox is."""
        return is_loopback(urlsplit(self.api_url).hostname or "")


def is_loopback(host: str) -> bool:
    """Tell whether a host name can only mean this machine.

    Args:
        host: A name or an address, without port or brackets.

    Returns:
        True for `localhost`, `127.0.0.0/8` and `::1`.
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback


def _token(value: object) -> str:
    text = re.sub(r"^Bearer(\s+|$)", "", str(value or "").strip())
    if not text:
        raise ConfigError(
            "access_token is missing: set it to your project's API token "
            "(Project Settings > Installation > Public API)"
        )
    if not _TOKEN.fullmatch(text):
        raise ConfigError(
            "access_token holds a blank or a character that no token has: copy it again"
        )
    return text


def _api_url(value: str) -> str:
    url = value.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
        (parts.hostname or "").encode("idna")
    except (ValueError, UnicodeError):
        raise ConfigError("api_url is not a URL: use a form like " + DEFAULT_API_URL) from None
    if problem := _problem(url, parts):
        raise ConfigError(f"api_url {problem}: use a form like {DEFAULT_API_URL}")
    return url


def _problem(url: str, parts: SplitResult) -> str | None:
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return "is not an http(s) URL"
    if parts.username is not None or parts.password is not None:
        return "holds a user name or password"
    if "?" in url or "#" in url or not url.isprintable() or " " in url or "\\" in url:
        return "holds a query, a fragment, a blank or a backslash"
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        return "is plain http to another machine, which would show the token to the network"
    return None


def _positive(config: Mapping[str, Any], name: str, default: Any) -> Any:  # noqa: ANN401
    value = config.get(name, default)
    if value is None:
        return None
    whole = CONNECTION_SETTINGS[name]["type"] == "integer"
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0.0
    if isinstance(value, bool) or not 0 < number < float("inf") or (whole and number % 1):
        kind = "a whole number of at least 1" if whole else "a number above 0"
        raise ConfigError(f"{name} must be {kind}")
    return number
