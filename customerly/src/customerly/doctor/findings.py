"""What the doctor finds: checks and facts, without a token, an address or a name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from customerly.errors import CustomerlyError
from customerly.redact import redact

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import timedelta

    Answer = tuple[object, str]
    """What a fact is, or None, and how that is known."""


@dataclass(frozen=True)
class Check:
    """One thing that a pipeline needs.

    Args:
        check: What was looked at, in a word or two.
        ok: Whether it is as it must be.
        says: What was found.
        do: What to do about it; empty where there is nothing to do.
    """

    check: str
    ok: bool
    says: str
    do: str = ""


@dataclass(frozen=True)
class Fact:
    """The answer to one assumption of docs/assumptions.md.

    Args:
        fact: A name of `customerly.facts.ApiFacts`.
        answer: What the API does; None where that could not be settled.
        how: How it is known, or why not.
    """

    fact: str
    answer: object
    how: str


def settled(fact: str, ask: Callable[[], Answer]) -> Fact:
    """Settle a fact; an API that does not answer leaves it open.

    Args:
        fact: Its name.
        ask: Asks the API.

    Returns:
        The fact.
    """
    try:
        answer, how = ask()
    except CustomerlyError as error:
        answer, how = None, redact(str(error))
    return Fact(fact, answer, how)


def shown_path(path: Path, folder: Path) -> str:
    """Show a path without the name that a home folder has.

    Args:
        path: The path.
        folder: The folder that everybody has in mind.

    Returns:
        The path below that folder or below `~`, or else its last part.
    """
    full = path.absolute()
    if full.is_relative_to(folder.absolute()):
        return str(full.relative_to(folder.absolute()))
    home = Path.home()
    if full.is_relative_to(home):
        return str("~" / full.relative_to(home))
    return f"…/{path.name}"


def shown_age(age: timedelta) -> str:
    """Show how long ago something was.

    Args:
        age: The time since.

    Returns:
        A number and a unit, as `3 hours`.
    """
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(age.total_seconds() // seconds)
        if count:
            return f"{count} {unit}{'s' * (count > 1)}"
    return "less than a minute"
