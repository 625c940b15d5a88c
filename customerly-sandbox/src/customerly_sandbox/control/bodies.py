"""What the control routes take."""

from dataclasses import dataclass, field
from typing import Any

from customerly_sandbox.http.bodies import Amount, Count


@dataclass
class Sizes:
    """Another population: what is not given stays."""

    users: Count | None = None
    leads: Count | None = None
    seed: int | None = None
    bulk: Count | None = None
    undated: Count | None = None
    quirks: dict[str, Any] = field(default_factory=dict)

    def given(self) -> dict[str, int]:
        """The sizes that were given."""
        names = ("users", "leads", "seed", "bulk", "undated")
        return {name: size for name in names if (size := getattr(self, name)) is not None}


@dataclass
class Names:
    """Addresses or ids to poison."""

    names: list[str]


@dataclass
class Refusals:
    """Addresses to refuse."""

    emails: list[str]
    reason: str = "Rejected"
    writes: list[str] = field(default_factory=lambda: ["upsert", "tag", "delete"])


@dataclass
class Token:
    """The token, and after how many requests it is revoked."""

    token: str | None = None
    revoke_after: Count | None = None


@dataclass
class ClockChange:
    """What to do to the clock."""

    advance: Amount = 0.0
    set: float | None = None
    virtual: bool | None = None
    step: Amount | None = None


@dataclass
class Latency:
    """Milliseconds before each answer."""

    ms: Amount
