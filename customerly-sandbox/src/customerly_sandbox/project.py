"""One Customerly project: what it holds, and how it behaves. It knows no URL and no socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from customerly_sandbox.http.request_log import RequestLog
from customerly_sandbox.models import persistence
from customerly_sandbox.models.clock import Clock
from customerly_sandbox.models.store import Store
from customerly_sandbox.people.person import END
from customerly_sandbox.people.population import Population
from customerly_sandbox.quirks import Quirks
from customerly_sandbox.scenario.faults import Faults
from customerly_sandbox.scenario.limits import Limits
from customerly_sandbox.scenario.mutations import Mutations
from customerly_sandbox.scenario.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from customerly_sandbox.http.messages import Request
    from customerly_sandbox.models.contact import Contact

TOKEN = "sandbox-token"
"""The token that is accepted unless another is set."""


@dataclass(frozen=True)
class Settings:
    """What a sandbox starts with, and is reset to.

    Args:
        population: Who is there.
        quirks: What it does where the API's documentation is silent.
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


class Project:
    """What the handlers of the API and of the control routes work on.

    Args:
        settings: What it starts with.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.log = RequestLog()
        self.webhooks = Webhooks()
        self.hook: Callable[[Request], None] | None = None
        self.reset()
        if self.settings.state is not None and self.settings.state.exists():
            self.use(persistence.load(self.settings.state, self.quirks))

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
        self.limits = Limits()
        self.log.clear()
        clock = Clock(END, virtual=settings.virtual_clock, step=settings.step)
        self.use(Store(population or settings.population, self.quirks, clock))
        self.webhooks.clear()

    def use(self, store: Store) -> None:
        """Serve this store from now on."""
        self.store = store
        self.mutations = Mutations(store)

    def seed(self, population: Population) -> None:
        """Serve another population from now on; quirks, faults and logs stay."""
        self.use(Store(population, self.quirks, self.store.clock))

    def set_quirks(self, changes: Mapping[str, object]) -> None:
        """Change some quirks.

        Raises:
            ValueError: An unknown quirk or value.
        """
        self.quirks = self.quirks.changed(changes)
        self.faults.quirks = self.quirks
        self.store.use(self.quirks)

    def announce(self, event: str, contact: Contact, **more: object) -> None:
        """Send a change to the webhooks."""
        if self.webhooks.lines:
            self.webhooks.send(self.store, event, contact, more)
