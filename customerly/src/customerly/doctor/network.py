"""Checks of the way to the API: proxies and certificates, URL and token, the clock."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests

from customerly.api import Api
from customerly.client import Client
from customerly.doctor.findings import Check, shown_age
from customerly.errors import ConfigError, CustomerlyError, GaveUp, TokenRefused
from customerly.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from customerly.connection import Connection
    from customerly.doctor.setup import Setup

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_DEFAULT_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080, "socks4": 1080}
_CONNECT_SECONDS = 5.0
_MOST_OFF = 60.0  # seconds between this machine's clock and the server's
_TOKEN_HELP = "copy the token again: Project Settings > Installation > Public API"  # noqa: S105
START_SANDBOX = "start it with `make up`, or set MELTANO_ENVIRONMENT=live and fill in .env"


def certificates(setup: Setup) -> Iterator[Check]:
    """Check the variables that name certificates."""
    given = [name for name in _CERTIFICATES if setup.environ.get(name)]
    for name in given:
        path = Path(setup.environ[name])
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            if path.is_dir():
                context.load_verify_locations(capath=str(path))
            else:
                context.load_verify_locations(cafile=str(path))
        except (OSError, ssl.SSLError) as error:
            reason = getattr(error, "strerror", None) or "it holds no certificate"
            do = f"correct {name}, or unset it"
            yield Check("certificates", ok=False, says=f"{name} can't be used: {reason}", do=do)
            return
    says = f"{' and '.join(given)} can be read" if given else "this machine's own"
    yield Check("certificates", ok=True, says=says)


def proxy(setup: Setup) -> Iterator[Check]:
    """Check the variables that name a proxy, and whether it is there where it is needed."""
    spellings = [each for name in _PROXIES for each in (name, name.lower())]
    given = [name for name in spellings if setup.environ.get(name)]
    for name in given:
        problem = _proxy_problem(setup.environ[name], needed=_needs_proxy(setup))
        if problem:
            do = f"correct {name}, or unset it"
            yield Check("proxy", ok=False, says=f"{name} {problem}", do=do)
            return
    yield Check("proxy", ok=True, says=" and ".join(given) if given else "none is set")


def _needs_proxy(setup: Setup) -> bool:
    try:
        connection = setup.trial_connection()
    except ConfigError:
        return False
    return not connection.is_loopback and not requests.utils.should_bypass_proxies(
        connection.api_url, no_proxy=setup.environ.get("NO_PROXY") or setup.environ.get("no_proxy")
    )


def _proxy_problem(value: str, *, needed: bool) -> str:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "is no URL"
    if not parts.hostname:
        return "names no host"
    if port is None:
        return f"begins with {parts.scheme}://, which is no kind of proxy"
    if parts.scheme.startswith("socks") and find_spec("socks") is None:
        return "names a SOCKS proxy, which needs the package PySocks"
    if needed:
        try:
            socket.create_connection((parts.hostname, port), _CONNECT_SECONDS).close()
        except OSError:
            return "names a proxy that takes no connection"
    return ""


def api(setup: Setup) -> Iterator[Check]:
    """Check the URL and the token of each that speaks to the API."""
    tried: set[tuple[str, str]] = set()
    for user in setup.users():
        of_whom = "" if user == setup.users()[0] else f" of {user}"
        try:
            connection = setup.connection(user)
        except ConfigError as error:
            what = "api url" if str(error).startswith("api_url") else "token"
            yield Check(f"{what}{of_whom}", ok=False, says=str(error), do=_setting_help(setup))
            continue
        pair = (connection.api_url, connection.access_token)
        if pair not in tried:
            tried.add(pair)
            yield _reached(setup, user, of_whom, connection)


def _setting_help(setup: Setup) -> str:
    return "set it in .env" if setup.project else "set CUSTOMERLY_ACCESS_TOKEN, or write a .env"


def _reached(setup: Setup, user: str, of_whom: str, connection: Connection) -> Check:
    try:
        with Client(connection) as client:
            tags = Api(client).list_tags()
    except TokenRefused as refused:
        says = redact(str(refused), connection.access_token)
        return Check(f"token{of_whom}", ok=False, says=says, do=_TOKEN_HELP)
    except CustomerlyError as error:
        says = redact(str(error), connection.access_token)
        if not (_is_sandbox(setup, user, connection) and isinstance(error, GaveUp)):
            return Check(f"api{of_whom}", ok=False, says=says, do="check api_url and the network")
        if setup.has_own_connection:
            says = "meltano run uses the sandbox, which is not running"
            return Check(f"api{of_whom}", ok=True, says=says, do=START_SANDBOX)
        return Check(f"api{of_whom}", ok=False, says=says, do=START_SANDBOX)
    where = urlsplit(connection.api_url).netloc
    return Check(f"token{of_whom}", ok=True, says=f"works at {where}, {len(tags)} tags")


def _is_sandbox(setup: Setup, user: str, connection: Connection) -> bool:
    """Tell whether this is the sandbox that the Meltano project declares."""
    declared = setup.project is not None and setup.project.environment == "sandbox"
    return user != "customerly" and declared and connection.is_loopback


def clock(setup: Setup) -> Iterator[Check]:
    """Compare this machine's clock with the server's."""
    try:
        connection = setup.trial_connection()
        with requests.Session() as session:
            session.trust_env = not connection.is_loopback
            answer = session.head(
                connection.api_url, timeout=connection.request_timeout, allow_redirects=False
            )
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (ConfigError, OSError, KeyError, TypeError, ValueError):
        return  # no answer: that is said elsewhere
    off = setup.now() - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    if abs(off.total_seconds()) > _MOST_OFF:
        way = "ahead of" if off.total_seconds() > 0 else "behind"
        says = f"this machine's clock is {shown_age(abs(off))} {way} the server's"
        yield Check("clock", ok=False, says=says, do="let the machine set its clock (NTP)")
    else:
        yield Check("clock", ok=True, says="agrees with the server's")
