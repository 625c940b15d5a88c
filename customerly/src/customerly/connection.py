"""Where the API is and how to treat it: the shared settings, checked."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from customerly import DEFAULT_API_URL
from customerly.errors import ConfigError
from customerly.settings import CONNECTION_SETTINGS, Setting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

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
        max_wait: Seconds for which one request may go on being refused with 429 or 503.
        user_agent: Value of the `User-Agent` header.
    """

    access_token: str = field(repr=False)
    api_url: str = DEFAULT_API_URL
    max_concurrency: int = 4
    requests_per_second: float | None = None
    request_timeout: float = 60
    max_attempts: int = 6
    max_wait: float = 300
    user_agent: str = "customerly"

    @classmethod
    def from_config(cls, config: Mapping[str, object], *, user_agent: str) -> Connection:
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
        numbers: dict[str, Any] = {
            setting.name: _number(setting, config.get(setting.name))
            for setting in CONNECTION_SETTINGS
            if setting.type in {"integer", "number"}
        }
        agent = str(config.get("user_agent") or user_agent)
        if not _HEADER_TEXT.fullmatch(agent):
            raise ConfigError("user_agent: only printable ASCII characters can be sent")
        return cls(
            access_token=_token(config.get("access_token")),
            api_url=_api_url(str(config.get("api_url") or DEFAULT_API_URL)),
            user_agent=agent,
            **{name: number for name, number in numbers.items() if number is not None},
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


def _number(setting: Setting, value: object) -> float | None:
    """Read a number, also as text; None where the setting is not given."""
    if value is None or value == "":
        return None
    whole = setting.type == "integer"
    try:
        number = float(value) if isinstance(value, (int, float, str)) else 0.0
    except ValueError:
        number = float("nan")
    too_low = number < (setting.minimum or 0) or (setting.above is not None and not number > 0)
    if isinstance(value, bool) or too_low or not number < float("inf") or (whole and number % 1):
        kind = "a whole number" if whole else "a number"
        least = f"above {setting.above}" if setting.minimum is None else f"from {setting.minimum}"
        raise ConfigError(f"{setting.name} must be {kind} {least}")
    return int(number) if whole else number


def read_token(file: Path) -> str:
    """Read an access token from a file.

    Args:
        file: It holds the token alone; a byte order mark and blanks around it are passed over.

    Returns:
        The token.

    Raises:
        ConfigError: The file cannot be read, or holds none.
    """
    try:
        token = file.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ConfigError(f"The token file {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The token file {file} holds no token") from error
    if not token:
        raise ConfigError(f"The token file {file} is empty")
    return token
