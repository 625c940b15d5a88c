"""The sandbox without its sockets: one request in, one answer out, nothing awaited."""

from __future__ import annotations

import hmac
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from customerly_sandbox import routes, saving, wire
from customerly_sandbox.calls import ApiError, Call, Reply
from customerly_sandbox.clock import Clock
from customerly_sandbox.faults import HTML, Faults, retry_after
from customerly_sandbox.history import RequestLog
from customerly_sandbox.mutations import Mutations
from customerly_sandbox.people import END
from customerly_sandbox.population import Population
from customerly_sandbox.quirks import Quirks
from customerly_sandbox.store import Store
from customerly_sandbox.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from customerly_sandbox.contacts import Contact

TOKEN = "sandbox-token"  # noqa: S105
"""The token that is accepted unless another is set."""

API_ROOT = "/v1"
CONTROL_ROOT = "/_sandbox"

_NO_TOKEN = "You must provide a valid header Authorization: Bearer <TOKEN>"  # noqa: S105
_BAD_TOKEN = "Access token not found."  # noqa: S105


@dataclass(frozen=True)
class Settings:
    """What a sandbox starts with, and is reset to.

    Args:
        population: Who is there.
        quirks: What it does where the contract does not say.
        token: What it accepts.
        latency: Seconds before each answer.
        virtual_clock: Its clock stands still unless it is advanced.
        step: Seconds that a change takes on a virtual clock.
        state: A file that it keeps its state in.
    """

    population: Population = field(default_factory=Population)
    quirks: Quirks = field(default_factory=Quirks)
    token: str = TOKEN
    latency: float = 0.0
    virtual_clock: bool = False
    step: float = 0.0
    state: Path | None = None


class Service:
    """Everything behind the sockets.

    Args:
        settings: What it starts with.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.log = RequestLog()
        self.webhooks = Webhooks()
        self.hook: Callable[[Call], None] | None = None
        self.reset()
        if self.settings.state is not None and self.settings.state.exists():
            self.use(saving.load(self.settings.state, self.quirks))

    def reset(self, population: Population | None = None, quirks: Quirks | None = None) -> None:
        """Back to the start: no faults, no changes, empty logs.

        Args:
            population: Another one than at the start.
            quirks: Others than at the start.
        """
        settings = self.settings
        self.quirks = quirks or settings.quirks
        self.token = settings.token
        self.revoke_after: int | None = None
        self.latency = settings.latency
        self.faults = Faults(self.quirks)
        self.log.clear()
        clock = Clock(END, virtual=settings.virtual_clock, step=settings.step)
        self.use(Store(population or settings.population, self.quirks, clock))
        self.webhooks.clear()
        self._recent: deque[float] = deque()

    def use(self, store: Store) -> None:
        """Serve this store from now on."""
        self.store = store
        self.mutations = Mutations(store)

    def seed(self, population: Population) -> None:
        """Serve another population from now on; quirks, faults and logs stay."""
        self.use(Store(population, self.quirks, self.store.clock))

    def set_quirks(self, changes: dict[str, Any]) -> None:
        """Change some quirks.

        Raises:
            ValueError: An unknown quirk or value.
        """
        self.quirks = self.quirks.changed(changes)
        self.faults.quirks = self.quirks
        self.store.use(self.quirks)

    def announce(self, event: str, contact: Contact, **more: Any) -> None:
        """Tell the webhooks of a change."""
        if self.webhooks.lines:
            self.webhooks.send(self.store, event, contact, more)

    def answer(self, call: Call) -> Reply:
        """Answer a request to the API, faults included, and log it."""
        fault = self.faults.draw(call)
        if fault is None:
            reply = self._own_answer(call)
        else:
            reply = self.faults.answer(fault, self._own_answer(call) if fault.applied else None)
        self.log.add(
            {
                "method": call.method,
                "path": call.path.rstrip("/"),
                "query": call.query,
                "status": reply.status if reply.delivery != "reset" else 0,
                "count": call.count,
                "fault": fault.fault if fault else None,
            }
        )
        if call.method == "GET" and call.path.rstrip("/").endswith("/list"):
            self.mutations.after(call.path.partition("/")[0])
        if self.hook is not None:
            self.hook(call)
        return reply

    def _own_answer(self, call: Call) -> Reply:
        if 0 < self.quirks.largest_body < len(call.body):
            return Reply(HTML, 413, content_type="text/html")
        try:
            self._limit_rate()
            self._authorise(call)
            return self.route(call)
        except ApiError as error:
            reply = Reply(wire.error(error.message, error.status, self.quirks), error.status)
            if error.status == 429 and self.quirks.retry_after != "none":  # noqa: PLR2004
                value = retry_after(1, date=self.quirks.retry_after == "date")
                reply.headers["Retry-After"] = value
            return reply

    def _limit_rate(self) -> None:
        limit = self.quirks.requests_per_second
        if not limit:
            return
        now = time.monotonic()
        while self._recent and self._recent[0] <= now - 1:
            self._recent.popleft()
        if len(self._recent) >= max(1, limit):
            message = "Too many requests"
            raise ApiError(message, 429)
        self._recent.append(now)

    def _authorise(self, call: Call) -> None:
        """Raises ApiError unless the request carries the token, in today's or the legacy way."""
        given = call.headers.get("authorization", "")
        legacy = call.headers.get("authentication", "")
        scheme, _, token = given.partition(" ")
        if not given and legacy.startswith("AccessToken:"):
            scheme, token = "bearer", legacy.removeprefix("AccessToken:")
        if scheme.lower() != "bearer" or not token.strip():
            raise ApiError(_NO_TOKEN, self.quirks.bad_token_status)
        good = hmac.compare_digest(token.strip().encode(), self.token.encode())
        if self.revoke_after is not None:
            good = good and self.revoke_after > 0
            self.revoke_after -= 1
        if not good:
            raise ApiError(_BAD_TOKEN, self.quirks.bad_token_status)

    def route(self, call: Call) -> Reply:
        """Answer a request that is authorised.

        Raises:
            ApiError: The answer is an error envelope.
        """
        trimmed = call.path.strip("/")
        slashed = call.path.endswith("/")
        if self.quirks.final_slash == "redirect" and slashed != (
            trimmed in routes.WITH_FINAL_SLASH
        ):
            return self._redirect(call, trimmed)
        found = routes.find(call.method, trimmed)
        if isinstance(found, int):
            raise ApiError("Not found" if found == 404 else "Method not allowed", found)  # noqa: PLR2004
        handler, params = found
        call.params = tuple(map(unquote, params))
        return handler(self, call)

    @staticmethod
    def _redirect(call: Call, trimmed: str) -> Reply:
        path = f"{trimmed}/" if trimmed in routes.WITH_FINAL_SLASH else trimmed
        query = f"?{call.query_string}" if call.query_string else ""
        return Reply(b"", 301, {"Location": f"{API_ROOT}/{path}{query}"})
