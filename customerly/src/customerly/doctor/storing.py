"""What becomes of values that are blank or oddly named: said, since no connector needs to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly.doctor.findings import Check
from customerly.errors import CustomerlyError
from customerly.redact import redact
from customerly.values import read_mapping, readable

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly.doctor.writing import Trial

_NAME = "customerly doctor"
_BLANKS = (('""', ""), ("null", None))
_OUTCOMES = {_NAME: "leaves a name as it was", "": "is stored as a name", None: "clears a name"}


def look_at_values(trial: Trial) -> list[Check]:
    """Try on a contact of our own what the API does with odd values.

    Args:
        trial: The contact.

    Returns:
        A check each, which is never red.
    """
    return [
        Check(name, ok=True, says=_said(look, trial))
        for name, look in (("empty values", _empty_values), ("attribute names", _attribute_names))
    ]


def _said(look: Callable[[Trial], str], trial: Trial) -> str:
    try:
        return look(trial)
    except CustomerlyError as error:
        return f"could not be found out: {redact(str(error))}"


def _empty_values(trial: Trial) -> str:
    said = []
    for shown, blank in _BLANKS:
        trial.write(name=_NAME)
        trial.try_to_write(name=blank)
        name = trial.look().get("name")
        became = name if isinstance(name, str) else None
        said.append(f"{shown} {_OUTCOMES.get(became, 'changes a name')}")
    return ", ".join(said)


def _attribute_names(trial: Trial) -> str:
    before = _attributes(trial)
    trial.try_to_write(attributes={_NAME: "x"})
    new = sorted(_attributes(trial) - before)
    how = f"is stored as {new[0]}" if new else "is not stored"
    return f"an attribute whose name has a blank {how}"


def _attributes(trial: Trial) -> set[str]:
    return {str(name) for name in readable(read_mapping, trial.look().get("attributes")) or {}}
