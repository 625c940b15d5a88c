"""The sandbox inside a test: a server on a thread of its own, and direct access to its state."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from customerly_sandbox.api import dispatch
from customerly_sandbox.control import urls as control
from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import Request
from customerly_sandbox.models import records
from customerly_sandbox.people.population import Population
from customerly_sandbox.project import TOKEN, Project, Settings
from customerly_sandbox.quirks import Quirks
from customerly_sandbox.scenario.faults import WRITES
from customerly_sandbox.server import Server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Self

    from customerly_sandbox.fields import Record
    from customerly_sandbox.models.store import Store

T = TypeVar("T")


class Sandbox:
    """A stand-in for Customerly's API, on loopback, in this process.

    Args:
        users: How many users are there.
        leads: How many leads are there.
        seed: Another seed is another population.
        bulk: So many contacts of each kind share one `last_update`.
        undated: So many contacts of each kind have none.
        quirks: Changes to the quirks' defaults.
        token: What it accepts.
        latency_ms: Milliseconds before each answer.
        virtual_clock: The clock stands still, but for `advance`.
        step: Seconds that a change takes on a virtual clock.
        state: A file that keeps the state.
        port: 0: any that is free.
    """

    def __init__(
        self,
        users: int = 500,
        leads: int = 200,
        seed: int = 7,
        *,
        bulk: int = 0,
        undated: int = 0,
        quirks: dict[str, Any] | None = None,
        token: str = TOKEN,
        latency_ms: float = 0.0,
        virtual_clock: bool = False,
        step: float = 0.0,
        state: Path | None = None,
        port: int = 0,
    ) -> None:
        self.token = token
        self.url = ""
        self.control_url = ""
        settings = Settings(
            Population(users, leads, seed, bulk, undated),
            Quirks().changed(quirks or {}),
            token,
            latency_ms / 1000,
            virtual_clock,
            step,
            state,
        )
        self.project = Project(settings)
        self._server = Server(self.project, port=port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> Self:
        """Listen, on a thread.

        Raises:
            OSError: It cannot listen there, or cannot write the file of its state.
        """
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._server.start(), self._loop).result()
        except OSError:
            self._end_thread()
            raise
        self.url, self.control_url = self._server.url, self._server.control_url
        return self

    def stop(self) -> None:
        """Stop listening; the state can still be read."""
        if self._thread.is_alive():
            try:
                asyncio.run_coroutine_threadsafe(self._server.stop(), self._loop).result()
            finally:
                self._end_thread()

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def config(self) -> dict[str, Any]:
        """The two settings with which a connector reaches it."""
        return {"access_token": self.token, "api_url": self.url}

    def call(self, function: Callable[[], T]) -> T:
        """Run a function between two requests, and return what it returns."""
        if not self._thread.is_alive():
            return function()

        async def run() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    # Looking

    @property
    def store(self) -> Store:
        """What it holds: use `call` to read it while requests are being answered."""
        return self.project.store

    def state(self) -> Record:
        """Everything, each field in its documented form."""
        return self.call(lambda: {name: records.dump(self.store, name) for name in records.PARTS})

    def contacts(self, kind: str) -> list[Record]:
        """All users or leads with their details, oldest change first."""
        return self.call(lambda: records.contacts(self.store, kind))

    def find(
        self, kind: str, email: str | None = None, user_id: str | None = None
    ) -> Record | None:
        """One contact with its details, or None."""

        def look() -> Record | None:
            contact = self.store.named(kind, {"email": email, "user_id": user_id})
            return None if contact is None else records.full(self.store, contact)

        return self.call(look)

    @property
    def requests(self) -> list[Record]:
        """The API's requests so far: number, method, path, query, status, count, fault."""
        return self.call(self.project.log.entries)

    @property
    def counters(self) -> Record:
        """Totals: total, counts, contacts_sent, contacts_received, most_at_once, connections."""
        return self.call(self.project.log.summary)

    def history(self, **wanted: Any) -> list[Record]:
        """What was applied, in order; only entries with such fields, if any are given."""
        return self.call(lambda: self.store.history.entries(**wanted))

    # Arranging

    def control(self, method: str, name: str, /, **body: Any) -> object:
        """Request a control route without HTTP.

        Raises:
            ValueError: It refuses.
        """
        return self.call(lambda: control.ROUTES[method, name](self.project, body, {}))

    def reset(self, **settings: Any) -> None:
        """Back to the start, or with other `users`, `leads`, `seed`, `bulk`, `quirks`."""
        self.control("POST", "reset", **settings)

    def set_quirks(self, **changes: Any) -> None:
        """Change some quirks."""
        self.control("POST", "quirks", **changes)

    def fail(self, fault: str, **rule: Any) -> None:
        """Add a fault: `fail("rate_limit", times=2, path="users/*", retry_after=1)`."""
        self.control("POST", "faults", fault=fault, **rule)

    def heal(self) -> None:
        """No faults, poison or refusals any more."""
        self.control("DELETE", "faults")

    def poison(self, *names: str) -> None:
        """Requests that name one of these addresses or ids answer 500 for ever."""
        self.control("POST", "poison", names=list(names))

    def reject(
        self, *emails: str, reason: str = "Rejected", writes: tuple[str, ...] = WRITES
    ) -> None:
        """Refuse these addresses in `upsert`, `tag` or `delete`."""
        self.control("POST", "reject", emails=list(emails), reason=reason, writes=list(writes))

    def revoke_token(self, after: int = 0) -> None:
        """Refuse the token after so many more requests."""
        self.control("POST", "token", revoke_after=after)

    def mutate(self, rate: float = 1.0, **plan: Any) -> None:
        """Change contacts after each list request: see `mutations.Plan`."""
        self.control("POST", "mutations", rate=rate, **plan)

    def advance(self, seconds: float) -> int:
        """Put the clock forward; returns what it shows."""
        return self.call(lambda: self.store.clock.advance(seconds))

    def webhook(self, url: str, **target: Any) -> None:
        """Register a URL: see `webhooks.Target`."""
        self.control("POST", "webhooks", url=url, **target)

    def on_request(self, hook: Callable[[Request], None] | None) -> None:
        """Call this after each request, in the server's thread, where it may change the store."""
        self.project.hook = hook

    # Changing, as somebody else would: not in the log of requests, but in the history

    def write(self, method: str, path: str, body: Record | None = None, **query: str) -> Record:
        """Do what a request of the API would do, without faults, latency and log."""
        request = Request(method, path, query, {}, encoding.encode(body or {}))
        response = self.call(lambda: dispatch.route(self.project, request))
        found: Record = Request("", "", {}, {}, response.body).json()
        return found

    def upsert(self, kind: str, *contacts: Record) -> Record:
        """Create or update contacts."""
        return self.write("POST", kind, {kind: list(contacts)})

    def delete(self, kind: str, **key: str) -> Record:
        """Delete the contact with this `email` or `user_id`."""
        return self.write("DELETE", kind, None, **key)

    def tag(self, tag: str, *, untag: bool = False, **contacts: list[Record]) -> Record:
        """Tag `users` and `leads`, lists of `{"email": …}`, or untag them."""
        return self.write("POST", "tags", {"tag": tag, "untag": untag, **contacts})
