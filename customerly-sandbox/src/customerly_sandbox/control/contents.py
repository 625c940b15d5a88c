"""What the sandbox holds and what happened to it: routes to look at and to set back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from customerly_sandbox.control.bodies import ClockChange, Sizes
from customerly_sandbox.fields import KINDS, USERS
from customerly_sandbox.http.bodies import read
from customerly_sandbox.models import records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from customerly_sandbox.fields import Record
    from customerly_sandbox.models.contact import Contact
    from customerly_sandbox.models.store import Store
    from customerly_sandbox.project import Project


_SCANNED = 5_000
"""Contacts of each kind, the newest, that are looked through for people to see."""


def sizes(project: Project) -> Record:
    """How much it holds."""
    store = project.store
    return {
        **{kind: len(order) for kind, order in store.orders.items()},
        "tags": len(store.tags),
    }


def contacts(project: Project, _body: Record, query: Record) -> object:
    """The newest contacts of a `kind`; `search` in address, name or id; `tag`; `count`."""
    kind = query.get("kind", USERS)
    if kind not in KINDS:
        message = f"kind is one of {', '.join(KINDS)}"
        raise ValueError(message)
    wanted, tag = query.get("search", "").casefold(), query.get("tag")
    found = [
        contact
        for contact in _newest(project.store, kind)
        if wanted in f"{contact.email} {contact.name} {contact.user_id}".casefold()
        and (not tag or tag in contact.tags)
    ]
    count = max(0, int(query.get("count", "50")))
    shown = [records.full(project.store, contact) for contact in found[:count]]
    return {"found": len(found), "contacts": shown}


def tags(project: Project, _body: Record, _query: Record) -> object:
    """How many users and leads have each tag."""
    counts: dict[str, Record] = {tag: dict.fromkeys(KINDS, 0) for tag in project.store.tags}
    for kind in KINDS:
        for contact in _newest(project.store, kind):
            for tag in contact.tags:
                counts.setdefault(tag, dict.fromkeys(KINDS, 0))[kind] += 1
    return [{"name": tag, **count} for tag, count in counts.items()]


def _newest(store: Store, kind: str) -> Iterator[Contact]:
    for number in store.orders[kind].page(0, _SCANNED, descending=True):
        contact = store.contact(number)
        if contact is not None:
            yield contact


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


def exchanges(project: Project, _body: Record, query: Record) -> object:
    """The last requests with their bodies and their answers', newest first; `count`."""
    return project.log.exchanges(int(query.get("count", "30")))


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
