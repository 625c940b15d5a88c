"""What lies between here and the API: proxies, certificates, connections that break."""

from __future__ import annotations

import os
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as urllib3_errors
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies, select_proxy
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from customerly.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urllib3.poolmanager import ProxyManager

    from customerly.connection import Connection

_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")


class NoAnswer(Exception):
    """Nothing that could be read came back.

    Args:
        reason: What happened, in plain words.
        left: Whether anything of the request has left, so that the API may have acted.
        final: Whether another attempt would end the same.
    """

    def __init__(self, reason: str, *, left: bool, final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.left = left
        self.final = final


@dataclass(frozen=True)
class Surroundings:
    """What the environment says of proxies and certificates, checked.

    Args:
        proxies: The proxy for the API, in the form that requests takes; empty where there is none.
        proxy_variable: The variable that names it.
        certificates: The bundle, or the folder, of certificates; None: that of requests.
    """

    proxies: dict[str, str] = field(default_factory=dict)
    proxy_variable: str = ""
    certificates: str | None = None

    @classmethod
    def of(cls, connection: Connection) -> Surroundings:
        """Read the environment.

        Args:
            connection: Where the API is. One on this machine is reached without a proxy.

        Returns:
            What is to be used.

        Raises:
            ConfigError: A variable names what can't be used; the line says which.
        """
        certificates = _certificates() if urlsplit(connection.api_url).scheme == "https" else None
        if connection.is_loopback:
            return cls(certificates=certificates)
        try:
            proxies = get_environ_proxies(connection.api_url)
        except ValueError:
            raise ConfigError("NO_PROXY can't be read: use host names, split by commas") from None
        proxy = select_proxy(connection.api_url, proxies)
        if not proxy:
            return cls(certificates=certificates)
        variable = _variable_of(proxy)
        _check_proxy(variable, proxy)
        scheme = urlsplit(connection.api_url).scheme
        return cls({scheme: proxy}, variable, certificates)


def _certificates() -> str | None:
    """Return the certificates that a variable names, if one does."""
    for variable in _CERTIFICATES:
        if not (path := os.environ.get(variable)):
            continue
        try:
            # Loaded here, where the variable's name is known; requests loads it again.
            if Path(path).is_dir():
                next(Path(path).iterdir(), None)
            else:
                ssl.create_default_context(cafile=path)
        except (OSError, ValueError) as error:
            wrong = "holds no certificates" if isinstance(error, ssl.SSLError) else "can't be read"
            raise ConfigError(
                f"{variable} names {path}, which {wrong}: correct the variable, or unset it"
            ) from None
        return path
    return None


def _variable_of(proxy: str) -> str:
    names = [spelling for name in _PROXIES for spelling in (name.lower(), name)]
    return next((name for name in names if os.environ.get(name) == proxy), "The proxy's setting")


def _check_proxy(variable: str, proxy: str) -> None:
    """Complain of a proxy that can't be used, without its password."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        usable = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    else:
        if parts.scheme.startswith("socks"):
            raise ConfigError(
                f"{variable} names a SOCKS proxy, which is not supported: name an http proxy"
            )
        usable &= parts.scheme in {"http", "https"}
    if not usable:
        raise ConfigError(
            f"{variable} is not the URL of a proxy: use a form like http://proxy.example:3128, "
            "or unset it"
        )


# --- connections ----------------------------------------------------------------------------------

_attempt = threading.local()


def has_left() -> bool:
    """Tell whether anything of this thread's last request has left, connecting aside."""
    return getattr(_attempt, "left", False)


class _NotesWhatLeaves:
    """Notes when a request begins to leave, which is after the connection stands."""

    _connecting = False

    def connect(self) -> None:
        self._connecting = True
        try:
            super().connect()  # type: ignore[misc]
        finally:
            self._connecting = False

    def send(self, data: object) -> None:
        if self.sock is None:  # type: ignore[attr-defined]
            self.connect()
        if not self._connecting:  # else it is for a proxy
            _attempt.left = True
        super().send(data)  # type: ignore[misc]


class _Connection(_NotesWhatLeaves, HTTPConnection):
    """A plain connection."""


class _SecureConnection(_NotesWhatLeaves, HTTPSConnection):
    """A connection over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Adapter(HTTPAdapter):
    """Connections that note whether a request has left: `has_left` tells."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> ProxyManager:
        """Make the pools of connections through a proxy."""
        manager: ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request, of which nothing has left so far."""
        _attempt.left = False
        return super().send(*args, **kwargs)

    def close(self) -> None:
        """Close the connections now: urllib3 leaves it to the garbage collector."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118 - urllib3's container is no mapping
                if (pool := manager.pools.get(key)) is not None:
                    pool.close()
        super().close()


_POOLS = {"http": _Pool, "https": _SecurePool}


# --- failures -------------------------------------------------------------------------------------

_BROKE_OFF = "the connection to {host} broke off"

# What was raised, what to say, whether another attempt would end the same.
_FAILURES: tuple[tuple[type[BaseException], str, bool], ...] = (
    (
        ssl.SSLCertVerificationError,
        "{host} can't prove who it is (TLS): check api_url and this machine's certificates",
        True,
    ),
    (requests.exceptions.InvalidURL, "{host} makes no valid URL: check api_url", True),
    (urllib3_errors.InvalidHeader, "{host} answered with a header that can't be read", False),
    (requests.exceptions.InvalidHeader, "a header can't be sent as it is", True),
    (requests.exceptions.ProxyError, "the proxy let nothing through: check {proxy}", False),
    (requests.exceptions.ConnectTimeout, "{host} took no connection within {seconds}", False),
    (requests.exceptions.Timeout, "no answer from {host} within {seconds}", False),
    (urllib3_errors.ReadTimeoutError, "no answer from {host} within {seconds}", False),
    (urllib3_errors.NameResolutionError, "the name {host} is not known: check api_url", False),
    (
        urllib3_errors.NewConnectionError,
        "{host} takes no connection: see that it runs, and check api_url",
        False,
    ),
    (urllib3_errors.HTTPError, _BROKE_OFF, False),
    (requests.exceptions.RequestException, _BROKE_OFF, False),
    # requests looks at where a redirect leads even where it is not to be followed.
    (ValueError, "{host} redirects to what is no URL: check api_url", False),
)


def explain(
    error: Exception, connection: Connection, surroundings: Surroundings, *, left: bool
) -> NoAnswer:
    """Say in plain words why nothing came back, without the URL's query.

    Args:
        error: As it was raised.
        connection: Where the API is.
        surroundings: What lies in between.
        left: Whether anything of the request has left.

    Returns:
        What to raise.
    """
    words = {
        "host": urlsplit(connection.api_url).netloc,
        "seconds": f"{connection.request_timeout:g} s",
        "proxy": surroundings.proxy_variable,
    }
    causes = list(_causes(error))
    for kind, reason, final in _FAILURES:
        if any(isinstance(cause, kind) for cause in causes):
            return NoAnswer(reason.format(**words), left=left, final=final)
    return NoAnswer(_BROKE_OFF.format(**words), left=left)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that it was made of, wherever the libraries keep it."""
    found: list[BaseException] = [error]
    for cause in found:  # it grows meanwhile
        yield cause
        inner = [getattr(cause, "reason", None), cause.__cause__, cause.__context__, *cause.args]
        found += [each for each in inner if isinstance(each, BaseException) and each not in found]
