"""Faults on demand: what a network, a gateway or a bad day does to an answer."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

import msgspec

from customerly_sandbox.http import encoding
from customerly_sandbox.http.bodies import Amount, Count, Share, read
from customerly_sandbox.http.messages import Request, Response, text_of, words_of
from customerly_sandbox.scenario.limits import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from customerly_sandbox.fields import Record
    from customerly_sandbox.quirks import Quirks

WRITES = ("upsert", "tag", "delete")
"""Writes in which an address can be refused."""

HTML = b"<!DOCTYPE html><html><head><title>Error</title></head><body>Sorry!</body></html>"


@dataclass
class Fault:
    """One rule: which requests it strikes, how often, and what it does to them.

    Args:
        fault: A name of `EFFECTS`.
        method: Strike only this method.
        path: Strike only paths like this pattern, as `users/*`.
        email: Strike only requests that name this address.
        contains: Strike only requests that have this text in their path, query or body.
        times: Strike so often at most; None: without end.
        skip: Let so many matching requests pass first.
        probability: Strike with this probability, from 0 to 1.
        seed: Of that probability.
        status: The answer's HTTP status; None: the effect's own.
        message: In the error envelope.
        retry_after: Seconds for a `Retry-After`; None: no such header.
        date: `Retry-After` as an HTTP date.
        seconds: Wait so long before the answer.
        location: Where a redirect leads.
        applied: Whether the request takes effect all the same; None: the effect's own way.
    """

    fault: str
    method: str | None = None
    path: str | None = None
    email: str | None = None
    contains: str | None = None
    times: Count | None = None
    skip: Count = 0
    probability: Share = 1.0
    seed: int = 0
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] | None = None
    message: str = "Something went wrong"
    retry_after: Amount | None = None
    date: bool = False
    seconds: Amount = 0.0
    location: str = ""
    applied: bool | None = None
    struck: Count = 0

    def __post_init__(self) -> None:
        if self.fault not in EFFECTS:
            message = f"there is no fault {self.fault!r}; there are: {', '.join(EFFECTS)}"
            raise ValueError(message)
        if self.applied is None:
            self.applied = EFFECTS[self.fault].applied
        self._dice = random.Random(self.seed)

    def strikes(self, request: Request, named: set[str]) -> bool:
        """Whether this request is struck; counts it if so."""
        if not self._concerns(request, named):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self._dice.random() >= self.probability:
            return False
        self.struck += 1
        return True

    def _concerns(self, request: Request, named: set[str]) -> bool:
        return (
            (self.times is None or self.struck < self.times)
            and self.method in (None, request.method)
            and (self.path is None or fnmatchcase(request.path.strip("/"), self.path.strip("/")))
            and (self.email is None or self.email.lower() in named)
            and (self.contains is None or self.contains in text_of(request))
        )

    def as_given(self) -> Record:
        """The rule as it was given, and how often it has struck."""
        return asdict(self)


def _envelope(fault: Fault, _reply: Response | None, quirks: Quirks) -> Response:
    status = fault.status or EFFECTS[fault.fault].status
    return Response(encoding.error(fault.message, status, quirks), status)


def _html(fault: Fault, _reply: Response | None, _quirks: Quirks) -> Response:
    status = fault.status or EFFECTS[fault.fault].status
    return Response(HTML, status, content_type="text/html; charset=utf-8")


def _truncated(_fault: Fault, response: Response | None, _quirks: Quirks) -> Response:
    body = response.body if response else b'{"data":{}}'
    return Response(body[: max(1, len(body) // 2)], response.status if response else 200)


def _cut_off(_fault: Fault, response: Response | None, _quirks: Quirks) -> Response:
    cut = response or Response(b'{"data":{}}')
    cut.delivery = "cut_off"
    return cut


def _reset(_fault: Fault, _reply: Response | None, _quirks: Quirks) -> Response:
    return Response(b"", delivery="reset")


def _null_list(fault: Fault, _response: Response | None, _quirks: Quirks) -> Response:
    return Response(b'{"data":null}', fault.status or 200)


def _no_list(fault: Fault, _response: Response | None, _quirks: Quirks) -> Response:
    return Response(b'{"data":[]}', fault.status or 200)


def _empty(fault: Fault, _reply: Response | None, _quirks: Quirks) -> Response:
    return Response(b"", fault.status or 200)


def _unknown(fault: Fault, _reply: Response | None, _quirks: Quirks) -> Response:
    return Response(b'{"status":"ok"}', fault.status or 200)


def _as_it_is(_fault: Fault, response: Response | None, _quirks: Quirks) -> Response:
    return response or Response(b'{"data":{}}')


def _wrong_type(fault: Fault, response: Response | None, quirks: Quirks) -> Response:
    found = _as_it_is(fault, response, quirks)
    found.content_type = "text/html"
    return found


def _redirect(fault: Fault, _reply: Response | None, _quirks: Quirks) -> Response:
    return Response(b"", fault.status or 307, {"Location": fault.location})


@dataclass(frozen=True)
class Effect:
    """What a fault does.

    Args:
        about: For people.
        answer: Makes the answer, from the request's own answer where it was applied.
        applied: Whether the request takes effect, unless the rule says otherwise.
        status: The HTTP status, unless the rule says otherwise.
    """

    about: str
    answer: Callable[[Fault, Response | None, Quirks], Response]
    applied: bool = False
    status: int = 200


EFFECTS: dict[str, Effect] = {
    "status": Effect("an error envelope under `status` (500)", _envelope, status=500),
    "rate_limit": Effect("429, with `retry_after` if given", _envelope, status=429),
    "envelope": Effect("an error envelope under HTTP 200", _envelope),
    "unknown": Effect("JSON without an envelope under HTTP 200", _unknown),
    "html": Effect("an HTML page under `status` (200)", _html),
    "firewall": Effect(
        "a firewall's HTML page under `status` (403); the API never sees the request",
        _html,
        status=403,
    ),
    "null_list": Effect("`data` is null, whatever there is", _null_list, applied=True),
    "no_list": Effect("`data` is an empty list, whatever there is", _no_list, applied=True),
    "empty": Effect("an empty body under `status` (200)", _empty, applied=True),
    "truncated": Effect("half the JSON, as if it were whole", _truncated, applied=True),
    "cut_off": Effect("the connection ends in the middle of the body", _cut_off, applied=True),
    "reset": Effect("the connection is reset, before the request takes effect", _reset),
    "reset_after": Effect("the same, after it took effect", _reset, applied=True),
    "slow": Effect("the right answer, after `seconds`", _as_it_is, applied=True),
    "wrong_type": Effect("the right answer, declared as HTML", _wrong_type, applied=True),
    "redirect": Effect("a redirect to `location`", _redirect, status=307),
}


class Faults:
    """The rules in force, and the contacts that are poisoned or refused.

    Args:
        quirks: The sandbox's, for the form of errors.
    """

    def __init__(self, quirks: Quirks) -> None:
        self.quirks = quirks
        self.clear()

    def clear(self) -> None:
        """No faults from now on."""
        self.rules: list[Fault] = []
        self.poisoned: set[str] = set()
        self.rejected: dict[str, dict[str, str]] = {write: {} for write in WRITES}

    def remove(self, fault: str) -> None:
        """Take the rules of one fault out of force, if there are any.

        Args:
            fault: A name of `EFFECTS`.
        """
        self.rules = [rule for rule in self.rules if rule.fault != fault]

    def add(self, rule: Record) -> Fault:
        """Put a rule in force, after those that are.

        Args:
            rule: The arguments of a `Fault`.

        Raises:
            ValueError: It is none.
        """
        self.rules.append(read(Fault, rule))
        return self.rules[-1]

    def poison(self, names: Iterable[str]) -> None:
        """Any request that names one of these addresses or ids answers 500, for ever."""
        self.poisoned.update(name.lower() for name in names)

    def reject(self, emails: Iterable[str], reason: str, writes: Iterable[str] = WRITES) -> None:
        """Refuse these addresses, in the form that the quirks say.

        Args:
            emails: Which.
            reason: What the answer says.
            writes: In which writes: any of `WRITES`.
        """
        for write in writes:
            if write not in self.rejected:
                message = f"there is no write {write!r}; there are: {', '.join(WRITES)}"
                raise ValueError(message)
            self.rejected[write].update((email.lower(), reason) for email in emails)

    def rejection(self, write: str, email: str | None) -> str | None:
        """The reason to refuse an address, if there is one.

        Args:
            write: One of `WRITES`.
            email: The contact's address.
        """
        return self.rejected[write].get((email or "").lower())

    def draw(self, request: Request) -> Fault | None:
        """The fault that strikes this request, if one does."""
        if not self.rules and not self.poisoned:
            return None
        named = self._named(request) if self._names_matter() else set()
        if named & self.poisoned:
            return Fault("status", message="Internal error")
        return next((rule for rule in self.rules if rule.strikes(request, named)), None)

    def _names_matter(self) -> bool:
        return bool(self.poisoned) or any(rule.email is not None for rule in self.rules)

    @staticmethod
    def _named(request: Request) -> set[str]:
        return (
            words_of(request.decoded())
            | words_of(request.query)
            | set(request.path.lower().split("/"))
        )

    def answer(self, fault: Fault, response: Response | None) -> Response:
        """What a struck request gets.

        Args:
            fault: What struck it.
            response: Its own answer, where it was applied.
        """
        found = EFFECTS[fault.fault].answer(fault, response, self.quirks)
        if fault.retry_after is not None:
            form = "date" if fault.date else "fraction"
            found.headers.update(retry_after(fault.retry_after, form))
        found.delay = fault.seconds
        return found
