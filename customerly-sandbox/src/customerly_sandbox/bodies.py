"""The control routes' bodies: typed, so that a slip is told at once and not when it strikes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, TypeVar

import msgspec

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


def read(kind: type[T], given: dict[str, Any]) -> T:
    """An object of a dataclass from a body.

    Raises:
        ValueError: It has an unknown name, or a value of a wrong type.
    """
    known = {known.name for known in fields(kind)}  # type: ignore[arg-type]
    unknown = [name for name in given if name not in known or name.startswith("_")]
    if unknown:
        message = f"unknown: {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
        raise ValueError(message)
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error


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
