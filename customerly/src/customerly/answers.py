"""What an answer of the API means: one table, asked by everyone who sends a request.

The API answers a refused token with HTTP 500, may answer an unknown contact with 200, 404 or
500, and can put an error into a 200 (docs/api-contract.md#basics). So the envelope's message is
read first and the status second; the rules are tried from top to bottom and the first that fits
decides.
"""

from __future__ import annotations

import enum
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from customerly import lenient_json
from customerly.answer_forms import holds_list, holds_objects

Decode = Callable[[bytes], list[Any] | None]
"""Reads a list of objects straight from a body; None where it can't: it is read as any other."""

Expect = Literal["envelope", "list", "objects", "outcome", "json", "anything"] | Decode
"""What a good answer holds: the API's envelope, a list in it, a list of objects in it (which a
function may read), what became of a batch, any JSON, or whatever it likes."""


_CONTENTS: dict[Expect, tuple[Callable[[object], bool] | None, str]] = {
    "list": (holds_list, "no list"),
    "objects": (holds_objects, "no list of objects"),
    "outcome": (bool, "no word on what was stored"),
}


class Meaning(enum.Enum):
    """What follows from an answer."""

    OK = "applied"
    TOKEN_REFUSED = "the run ends at once"  # noqa: S105
    DENIED = "GET /tags decides: if it answers, REFUSED, else TOKEN_REFUSED"
    MISSING = "the contact or tag does not exist: this record is rejected, or is gone already"
    NO_ROUTE = "the run ends where `GET /tags` is unknown too: api_url is wrong; else REFUSED"
    TOO_LARGE = "the batch is too large: a smaller one may pass"
    REFUSED = "this record is rejected; in a batch, the culprit is found by splitting"
    SLOW_DOWN = "tried again for max_wait seconds in all, by everyone more slowly"
    AGAIN = "tried again, max_attempts times in all; it may have been applied"


@dataclass(frozen=True)
class Rule:
    """One row of the table: it fits where both the status and the message fit.

    Args:
        meaning: What follows.
        message: A pattern, in any case, that the envelope's message must hold; None: any, or none
            at all. It is compiled when an error is first read, which most runs never do.
        statuses: The HTTP statuses it is for; None: every one.
        envelope: Whether the answer must hold the API's error envelope, whatever it says.
    """

    meaning: Meaning
    message: str | None = None
    statuses: range | None = None
    envelope: bool = False

    def fits(self, status: int, message: str | None) -> bool:
        """Tell whether the rule is about this answer.

        Args:
            status: The HTTP status.
            message: The error envelope's message; None where there is no such envelope.

        Returns:
            True where status, envelope and message all fit.
        """
        if self.statuses is not None and status not in self.statuses:
            return False
        if self.envelope and message is None:
            return False
        return self.message is None or bool(
            message and re.search(self.message, message, re.IGNORECASE)
        )


_CONTACT = r"\b(users?|leads?|contacts?|customers?|e-?mails?|person|people|tags?)\b"
_FIELD = r"\b(e-?mail|address|user_?id|name|tags?|attributes?|property|field|parameter|value)\b"
_FAULT = (
    r"\b(invalid|not (a )?valid|required|missing|malformed|must (be|have|not)|too long|"
    r"not allowed|already (exists|taken|used|in use)|cannot be (empty|blank)|unknown)\b"
)
# A 500 that speaks of the server itself is an outage, whatever else it names.
_NOT_THE_SERVER = (
    r"^(?!.*\b(internal|server|database|sql\w*|exception|time[ds]?.?out|unavailable|"
    r"connection|undefined|memory)\b).*"
)
# A 404 about the path says that api_url is wrong, not that a contact is gone.
_NO_ROUTE = r"^(?!.*\b(route|endpoint|path|url|uri|method|resource|page|action)\b)"

_TOO_MANY = (429, 503)

RULES: tuple[Rule, ...] = (
    Rule(
        Meaning.TOKEN_REFUSED,
        (
            r"access token (was )?not found|valid header authorization|"
            r"\b(access|api|bearer|auth\w*) ?(token|key)\b.{0,30}\b(invalid|not valid|expired|"
            r"revoked|missing|deactivated|disabled|required|not found|unknown|wrong)\b|"
            r"\b(invalid|expired|revoked|missing|unknown|wrong) "
            r"((access|api|bearer|auth\w*) )?token\b|"
            r"\bunauthori[sz]ed\b|\bunauthenticated\b|\bnot authenticated\b"
        ),
    ),
    # Without the API's own words it can be a firewall's page, about this one request.
    Rule(Meaning.DENIED, statuses=range(401, 402)),
    Rule(Meaning.DENIED, statuses=range(403, 404)),
    *(Rule(Meaning.SLOW_DOWN, statuses=range(status, status + 1)) for status in _TOO_MANY),
    Rule(Meaning.SLOW_DOWN, r"too many requests|rate.?limit|slow down|throttl"),
    Rule(Meaning.TOO_LARGE, statuses=range(413, 414)),
    Rule(
        Meaning.TOO_LARGE,
        (
            r"too many (users|leads|contacts|records|items|rows|elements|entries|objects)|"
            r"\b(batch|payload|request|body|array|list)\b.{0,40}\b(too (large|big|long|many)|"
            r"exceed\w*|limit\w*|max\w*|at most|larger|bigger|size)\b|"
            r"\b(at most|max\w*|no more than|more than|up to|limit of)\b.{0,30}\b\d+ ?"
            r"(users|leads|contacts|records|items|rows|elements|entries|objects|per)\b"
        ),
        range(200, 501),
    ),
    Rule(
        Meaning.MISSING,
        (
            _CONTACT
            + r".{0,80}\b(doesn.?t|does not|do not|don.?t|didn.?t|did not) exist|"
            + _CONTACT
            + r".{0,80}\b(not (be )?found|unknown)\b|"
            r"\b(no such|unknown|non-?existent|can(not|'t) find( the| a)?) "
            r"(user|lead|contact|customer|tag)\b"
        ),
    ),
    Rule(Meaning.MISSING, _NO_ROUTE, range(404, 405)),
    Rule(Meaning.MISSING, _NO_ROUTE, range(410, 411)),
    Rule(Meaning.NO_ROUTE, statuses=range(404, 405)),
    Rule(Meaning.AGAIN, statuses=range(408, 409)),  # the server's time-out
    Rule(Meaning.AGAIN, statuses=range(300, 400)),  # says that the path is wrong, not the record
    Rule(Meaning.REFUSED, statuses=range(400, 500)),
    Rule(Meaning.REFUSED, _NOT_THE_SERVER + _FIELD + r".{0,40}" + _FAULT, range(200, 501)),
    Rule(Meaning.REFUSED, _NOT_THE_SERVER + _FAULT + r".{0,20}" + _FIELD, range(200, 501)),
    Rule(Meaning.REFUSED, _NOT_THE_SERVER + r"\b(validation|duplicate)\b", range(200, 501)),
    Rule(Meaning.AGAIN, envelope=True),
    Rule(Meaning.AGAIN, statuses=range(500, 1000)),
)


@dataclass(frozen=True)
class Answer:
    """An answer, read.

    Args:
        meaning: What follows from it.
        status: The HTTP status.
        data: The envelope's `data`; the whole body where there is no envelope.
        body: The decoded body, or None where it is no JSON.
        reason: What the API said, or what is wrong with the answer; as it came.
        is_error: Whether the answer holds the API's error envelope.
    """

    meaning: Meaning
    status: int
    data: Any = None
    body: Any = None
    reason: str = ""
    is_error: bool = False


def read(status: int, content: bytes, expect: Expect = "envelope") -> Answer:
    """Say what an answer means.

    Args:
        status: The HTTP status.
        content: The body as it came.
        expect: What a good answer must hold.

    Returns:
        The answer with its meaning; never raises.
    """
    if not callable(expect):
        return _read(status, content, expect)
    found = expect(content) if status == 200 else None  # noqa: PLR2004
    return _read(status, content, "objects") if found is None else Answer(Meaning.OK, status, found)


def _read(status: int, content: bytes, expect: Expect) -> Answer:
    try:
        body, is_json = lenient_json.decode(content), True
    except ValueError:
        body, is_json = None, False
    if not is_json and content.lstrip().startswith((b"{", b"[")):
        # What it said is lost, so a 404 or 400 of this kind decides about nothing.
        meaning = Meaning.SLOW_DOWN if status in _TOO_MANY else Meaning.AGAIN
        return Answer(meaning, status, reason="the answer is JSON that was cut off")
    message = _error_message(body)
    shown = _shown_status(status, body)
    for rule in RULES:
        if rule.fits(shown, message):
            reason = message or _describe(status, is_json)
            return Answer(rule.meaning, status, None, body, reason, message is not None)
    if is_json and isinstance(body, dict) and "data" in body:
        holds, missing = _CONTENTS.get(expect, (None, ""))
        if holds and not holds(body["data"]):
            return Answer(Meaning.AGAIN, status, None, body, f"the answer holds {missing}")
        return Answer(Meaning.OK, status, body["data"], body)
    nothing = status == 204 and expect not in _CONTENTS  # noqa: PLR2004
    if expect == "anything" or nothing or (expect == "json" and is_json):
        return Answer(Meaning.OK, status, body, body)
    reason = "JSON without the API's envelope" if is_json else _describe(status, is_json)
    return Answer(Meaning.AGAIN, status, None, body, reason)


def _error_message(body: object) -> str | None:
    """Return the error envelope's message, or None where the body holds no error."""
    error = _error_in(body)
    return _words(error) if error else None


def _error_in(body: object) -> object:
    """Return what the error envelope holds, in any place where one may stand; else nothing."""
    if not isinstance(body, dict):
        return None
    if error := body.get("error"):
        return body.get("message") or error if error is True else error
    if "data" not in body:
        return body.get("errors")
    data = body["data"]
    return data["error"] if isinstance(data, dict) and data.keys() == {"error"} else None


def _words(error: object) -> str:
    if isinstance(error, dict):
        error = error.get("message") or error
    parts = [
        part.get("message") or part if isinstance(part, dict) else part
        for part in (error if isinstance(error, list) else [error])
    ]
    return "; ".join(
        part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in parts
    )


def _shown_status(status: int, body: object) -> int:
    """Under a 2xx, an error envelope's code that is an HTTP error status counts as the status."""
    error = _error_in(body)
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, int) and 200 <= status < 300 and 400 <= code < 600:  # noqa: PLR2004
        return code
    return status


def _describe(status: int, is_json: bool) -> str:
    if 300 <= status < 400:  # noqa: PLR2004
        return "the API redirects elsewhere, which is not followed here: check api_url"
    if is_json:
        return "no message"
    return "the answer is not JSON"
