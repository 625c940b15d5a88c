"""One request as the handlers see it, one answer as they give it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

if TYPE_CHECKING:
    from customerly_sandbox.fields import Record

_WHOLE_NUMBER = re.compile(r"-?\d{1,11}\Z", re.ASCII)
_decode = msgspec.json.Decoder().decode


class ApiError(Exception):
    """An answer in the error envelope.

    Args:
        message: What the envelope says.
        status: The HTTP status.
        headers: More headers.
    """

    def __init__(self, message: str, status: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.headers = headers or {}


@dataclass
class Request:
    """A request.

    Args:
        method: Upper case.
        path: Below the API's root, without the first slash: `users/list`.
        query: The query's first value of each key, decoded.
        headers: By lower-case name.
        body: As it came.
        query_string: The query as it came.
        params: What the route's pattern found in the path, decoded.
        count: How many contacts or other things were given or taken.
    """

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    query_string: str = ""
    params: tuple[str, ...] = ()
    count: int = 0

    def decoded(self) -> object:
        """The body, from JSON; `{}` if there is none, None if it cannot be read."""
        try:
            return _decode(self.body) if self.body else {}
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None

    def json(self, status: int = 400) -> Record:
        """The body, which has to be a JSON object.

        Raises:
            ApiError: It is not.
        """
        found = self.decoded()
        if not isinstance(found, dict):
            message = "The body is not a JSON object"
            raise ApiError(message, status)
        return found

    def number(self, name: str, default: int) -> int:
        """A whole number of the query; as PHP would, what cannot be read is the default."""
        text = self.query.get(name, "").strip()
        return int(text) if _WHOLE_NUMBER.match(text) else default


@dataclass
class Response:
    """An answer.

    Args:
        body: Encoded.
        status: HTTP status.
        headers: More of them.
        content_type: What it says it is.
        delivery: `whole`, `cut_off` in the middle of the body, or `reset` instead of an answer.
        delay: Seconds to wait before it is sent.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"
    delivery: str = "whole"
    delay: float = 0.0


def text_of(request: Request) -> str:
    """Path, query and body, with escapes and without: what a firewall looks at."""
    plain = msgspec.json.encode(request.decoded()).decode()
    sent = request.body.decode(errors="replace")
    return "\n".join([unquote(request.path), *request.query.values(), sent, plain])


def words_of(value: object) -> set[str]:
    """Every text in a decoded body, lower case: who a request names."""
    if isinstance(value, str):
        return {value.lower()}
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return set().union(*map(words_of, value)) if value else set()
    return set()
