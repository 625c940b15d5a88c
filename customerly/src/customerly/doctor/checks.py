"""The checks, in the order in which one can be the cause of the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.doctor import installation, leftovers, machine, network

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from customerly.doctor.findings import Check
    from customerly.doctor.setup import Setup

CHECKS: tuple[Callable[[Setup], Iterator[Check]], ...] = (
    machine.python,
    machine.packages,
    machine.disk,
    network.certificates,
    network.proxy,
    network.api,
    network.clock,
    installation.meltano,
    installation.plugins,
    installation.warehouse,
    leftovers.spool,
    leftovers.runs,
    leftovers.states,
    leftovers.rejects,
)


def run_checks(setup: Setup) -> Iterator[Check]:
    """Check everything that a pipeline needs.

    Args:
        setup: What to look at.

    Yields:
        What was found, as it is found.
    """
    for check in CHECKS:
        yield from check(setup)
