"""The state in a file: what differs from the population, written whole or not at all."""

from __future__ import annotations

import os
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

import msgspec

from customerly_sandbox.models.clock import Clock
from customerly_sandbox.models.contact import Contact
from customerly_sandbox.models.knowledge import Knowledge
from customerly_sandbox.models.store import Store
from customerly_sandbox.people.population import Population

if TYPE_CHECKING:
    from pathlib import Path

    from customerly_sandbox.quirks import Quirks

FORMAT = 1
_CONTACT = [field.name for field in fields(Contact)]


def save(store: Store, path: Path) -> None:
    """Write a store's state, atomically and durably, for its owner alone to read.

    Raises:
        OSError: It cannot be written; the former file is still whole.
    """
    clock = store.clock
    kept = {
        "format": FORMAT,
        "population": asdict(store.population),
        "clock": {"now": clock.now(), "virtual": clock.virtual, "step": clock.step},
        "tags": list(store.tags),
        "dropped_tags": sorted(store.dropped_tags),
        "companies": list(store.companies.values()),
        "messages": store.messages,
        "collections": list(store.knowledge.collections.items()),
        "articles": list(store.knowledge.articles.items()),
        "next_number": store.next_number,
        "moments": store.moments,
        "gone": sorted(store.gone),
        "touched": [[getattr(c, name) for name in _CONTACT] for c in store.touched.values()],
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.touch(mode=0o600)
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(kept))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def load(path: Path, quirks: Quirks) -> Store:
    """A store as it was saved.

    Raises:
        ValueError: The file holds no state of a sandbox.
        OSError: It cannot be read.
    """
    try:
        kept = msgspec.json.decode(path.read_bytes())
        return _store(kept, quirks)
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} does not hold a sandbox's state: remove it, or name another file"
        raise ValueError(message) from error


def _store(kept: dict[str, Any], quirks: Quirks) -> Store:
    if kept["format"] != FORMAT:
        raise KeyError(kept["format"])
    clock = Clock(
        kept["clock"]["now"], virtual=kept["clock"]["virtual"], step=kept["clock"]["step"]
    )
    store = Store(Population(**kept["population"]), quirks, clock)
    store.tags = dict.fromkeys(kept["tags"])
    store.dropped_tags = set(kept["dropped_tags"])
    store.companies = {company["company_id"]: company for company in kept["companies"]}
    store.messages = kept["messages"]
    store.knowledge = Knowledge(store.population.seed)
    store.knowledge.collections = dict(kept["collections"])
    store.knowledge.articles = dict(kept["articles"])
    store.next_number = kept["next_number"]
    store.moments = kept["moments"]
    store.gone = set(kept["gone"])
    for values in kept["touched"]:
        contact = Contact(**dict(zip(_CONTACT, values, strict=True)))
        contact.origin = (contact.origin[0], contact.origin[1]) if contact.origin else None
        store.touched[contact.number] = contact
    store.index()
    return store
