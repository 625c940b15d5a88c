"""What a run costs by the model of docs/scaling.md; a test holds it to the points measured there.

.venv/bin/python benchmarks/model.py PROJECTS CONTACTS LATENCY_MS AT_ONCE
"""

from __future__ import annotations

import sys

START = 12.0  # seconds of processor: Meltano, the tap twice, the loader
PER_CONTACT = 0.0007
MEMORY, MEMORY_WHILE_THOUSANDS_ARRIVE = 250, 360  # MB
PAGE = 100


def processor(contacts: int) -> float:
    """Seconds of processor that a run takes which reads so many contacts."""
    return START + PER_CONTACT * contacts


def requests(contacts: int) -> float:
    """Requests of a run that reads so many contacts: pages that overlap, and first looks."""
    return 8 + 1.1 * contacts / PAGE


def waiting(contacts: int, latency: float, concurrency: int, rate: float | None = None) -> float:
    """Seconds that a run waits for the API; `rate` is `requests_per_second`."""
    waits = contacts / PAGE * latency / concurrency
    return max(waits, requests(contacts) / rate) if rate else waits


def memory(contacts: int) -> float:
    """Megabytes that a run holds."""
    return MEMORY if contacts < 10_000 else MEMORY_WHILE_THOUSANDS_ARRIVE


def main() -> None:
    """Say what a fleet costs whose projects have so many contacts each, all read anew."""
    projects, contacts, latency, at_once = map(int, sys.argv[1:])
    seconds = processor(contacts) + waiting(contacts, latency / 1000, 4)
    print(f"a run     {seconds:8.0f} s, {processor(contacts):.0f} s of them on a core of its own")
    print(f"the fleet {projects * seconds / at_once / 60:8.0f} min, {at_once} at once")
    print(f"cores     {projects * processor(contacts) / 3600:8.1f} hours of one")
    print(f"memory    {at_once * memory(contacts):8,.0f} MB")
    print(f"requests  {projects * requests(contacts):8,.0f}")


if __name__ == "__main__":
    main()
