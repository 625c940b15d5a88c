"""Settle the assumptions of docs/assumptions.md: by reads alone, or on a contact of our own too."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec

from customerly.doctor.findings import Check, Fact
from customerly.doctor.reading import settle_by_reading
from customerly.doctor.storing import look_at_values
from customerly.doctor.writing import settle_by_writing
from customerly.errors import ConfigError
from customerly.facts import ApiFacts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from customerly.api import Api
    from customerly.doctor.writing import Trial

_NEEDS_WRITING = "it takes --write, which tries it on a contact of its own"


def settle(
    api: Api,
    *,
    write: bool,
    sleep: Callable[[float], object],
    cleaned: Callable[[Check], None],
    seen: Callable[[Check], object] = lambda _: None,
) -> list[Fact]:
    """Settle every fact that can be.

    Args:
        api: The project's API.
        write: Whether a contact and two tags may be made for it, and removed again.
        sleep: Waits so many seconds.
        cleaned: Gets the outcome of that removal.
        seen: Gets what else was seen meanwhile, for a person.

    Returns:
        All facts, in the order of `ApiFacts`. What a write showed counts for more than a read.
    """

    def look(trial: Trial) -> None:
        for check in look_at_values(trial):
            seen(check)

    found = {fact.fact: fact for fact in settle_by_reading(api)}
    for fact in settle_by_writing(api, sleep, cleaned, look) if write else ():
        if fact.answer is not None or fact.fact not in found:
            found[fact.fact] = fact
    names = ApiFacts.__struct_fields__
    return [found.get(name, Fact(name, None, _NEEDS_WRITING)) for name in names]


def order_check(facts: Iterable[Fact]) -> list[Check]:
    """Say what follows where the lists do not follow `last_update` (docs/pagination.md).

    Args:
        facts: What was settled.

    Returns:
        A failed check in that case, else nothing.
    """
    broken = [each for each in facts if (each.fact, each.answer) == ("order_by_last_update", False)]
    do = "report it: contacts can be missed; run extract-full more often meanwhile"
    return [Check("order of lists", ok=False, says=each.how, do=do) for each in broken]


def write_facts(path: Path, facts: Iterable[Fact]) -> None:
    """Write the file that the setting `api_facts` reads.

    Args:
        path: Where to.
        facts: What was settled.

    Raises:
        ConfigError: It cannot be written.
    """
    content = msgspec.json.encode({"facts": [asdict(fact) for fact in facts]})
    try:
        path.write_bytes(msgspec.json.format(content, indent=2) + b"\n")
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
