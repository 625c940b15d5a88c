"""What the sandbox holds and what happened to it: routes to look at and to set back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from customerly_sandbox.control.bodies import ClockChange, Sizes
from customerly_sandbox.http.bodies import read
from customerly_sandbox.models import records

if TYPE_CHECKING:
    from customerly_sandbox.fields import Record
    from customerly_sandbox.project import Project


def sizes(project: Project) -> Record:
    """How much it holds."""
    store = project.store
    return {
        **{kind: len(order) for kind, order in store.orders.items()},
        "tags": len(store.tags),
    }


def reset(project: Project, body: Record, _query: Record) -> object:
    """Back to the start, or with other `users`, `leads`, `seed`, `bulk`, `undated`, `quirks`."""
    wanted = read(Sizes, body)
    population = replace(project.settings.population, **wanted.given())
    project.reset(population, project.settings.quirks.changed(wanted.quirks))
    return sizes(project)


def seed(project: Project, body: Record, _query: Record) -> object:
    """Another population; quirks, faults and logs stay."""
    wanted = read(Sizes, body)
    project.seed(replace(project.store.population, **wanted.given()))
    return sizes(project)


def state(project: Project, _body: Record, query: Record) -> object:
    """Everything, in documented forms; `?only=users` for a part."""
    if "only" in query:
        return records.dump(project.store, query["only"])
    return {name: records.dump(project.store, name) for name in records.PARTS}


def requests(project: Project, _body: Record, _query: Record) -> object:
    """The requests, oldest first, and their counts."""
    return {**project.log.summary(), "requests": project.log.entries()}


def clear_requests(project: Project, _body: Record, _query: Record) -> object:
    """Count anew."""
    project.log.clear()
    return project.log.summary()


def history(project: Project, _body: Record, query: Record) -> object:
    """What was applied, in order; `?email=…` or any other field for a part."""
    return project.store.history.entries(**query)


def clock(project: Project, _body: Record, _query: Record) -> object:
    """What time it is in the sandbox."""
    clock = project.store.clock
    return {"now": clock.now(), "virtual": clock.virtual, "step": clock.step}


def set_clock(project: Project, body: Record, _query: Record) -> object:
    """`advance` by seconds, `set` to UNIX seconds, `virtual`: true or false, `step`."""
    wanted, time = read(ClockChange, body), project.store.clock
    time.virtual = time.virtual if wanted.virtual is None else wanted.virtual
    time.step = time.step if wanted.step is None else wanted.step
    if wanted.set is not None:
        time.set(wanted.set)
    time.advance(wanted.advance)
    return clock(project, {}, {})
