"""What the receiver takes at most: every number that keeps it from growing, in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The receiver's limits.

    Args:
        body_bytes: Largest body of a delivery; a larger one is answered with 413.
        deliveries_per_second: Above it, for longer than a moment, 429.
        connections: Open at once; above it the one that was idle for longest is closed.
        idle_seconds: How long a connection may be open without a whole request head.
        body_seconds: How long a body may take to come; then 408.
        waiting_bytes: Bodies in memory, on their way in or to the disk; above it 503.
        waiting: Deliveries that wait for the disk; above it 503.
        group: Deliveries that share one fsync at most.
        head_bytes: Largest head of a request, and whatever else of it is not body.
        discarded_bytes: How much of a body that is too large is read, only so that its sender
            comes to read the answer; beyond it the connection is closed.
    """

    body_bytes: int = 1 << 20
    deliveries_per_second: float = 2_000.0
    connections: int = 1_000
    idle_seconds: float = 30.0
    body_seconds: float = 10.0
    waiting_bytes: int = 64 << 20
    waiting: int = 10_000
    group: int = 500
    head_bytes: int = 64 << 10
    discarded_bytes: int = 32 << 20
