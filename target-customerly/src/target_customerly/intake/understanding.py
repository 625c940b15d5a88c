"""Which column is which field: by the mapping, by its own name, or by a usual name of exports."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from customerly.errors import ConfigError

from target_customerly.intake.usual_names import FIRST_AND_LAST, USUAL_NAMES, comparable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

JOINED = "name"
"""The one field that several columns can make up together, joined by blanks."""

_DELIMITERS = ",;\t| "

Targets = dict[str, str | None]
"""Column to the field, or attribute, that it becomes; None where it is left out."""


def understand(
    columns: Sequence[str], mapping: Mapping[str, str | None], fields: Collection[str]
) -> Targets:
    """Say what becomes of columns that a mapping or their name decides about.

    Args:
        columns: All columns of a stream.
        mapping: Column to field or attribute; None leaves it out.
        fields: The resource's fields.

    Returns:
        Targets of the mapped columns and of those that are a field; every other one keeps its name.
    """
    targets: Targets = dict(mapping)
    targets |= {name: name for name in columns if name in fields and name not in mapping}
    taken = set(targets.values())
    for field in fields:
        is_other = field == JOINED and "tag" in fields  # a tag's name is no person's
        if field not in taken and not is_other:
            free = [name for name in columns if name not in targets]
            targets |= dict.fromkeys(_columns_of(field, free), field)
    return targets


def usual_field(column: str, fields: Iterable[str]) -> str | None:
    """Say which field a single column is by a usual name.

    Args:
        column: Its name.
        fields: Fields that no other column is.

    Returns:
        The field; None where it is none, or more than one.
    """
    name = comparable(column)
    found = [field for field in fields if name in USUAL_NAMES.get(field, ())]
    return found[0] if len(found) == 1 else None


def check_names(where: str, setting: str, named: Iterable[str], columns: Collection[str]) -> None:
    """See to it that a setting names only columns that are there.

    Args:
        where: The stream.
        setting: As `mapping`.
        named: Columns that it names.
        columns: All columns of the stream.

    Raises:
        ConfigError: A column is not there.
    """
    for name in named:
        if name not in columns:
            near = difflib.get_close_matches(name, columns, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"its columns are {', '.join(columns)}"
            raise ConfigError(
                f"{where}: {setting} names the column {name}, which is not there; "
                f"{hint}{delimiter_hint(columns)}"
            )


def check_key(where: str, key: Sequence[str], targets: Targets, columns: Sequence[str]) -> None:
    """See to it that a column is the key without which no record can be applied.

    Args:
        where: The stream.
        key: Fields of which one is needed.
        targets: What becomes of the columns.
        columns: All columns of the stream.

    Raises:
        ConfigError: None is.
    """
    there = {targets[name] for name in columns if name in targets}
    if not key or there & set(key):
        return
    wanted = " or ".join(key)
    usual = frozenset().union(*(USUAL_NAMES.get(field, frozenset()) for field in key))
    several = [name for name in columns if comparable(name) in usual and name not in targets]
    if len(several) > 1:
        says = f"{' and '.join(several)} could both be it: say which in mapping, or with --map"
    elif len(columns) == 1:
        says = f"it has one column, `{columns[0]}`{delimiter_hint(columns) or ': map it'}"
    else:
        says = (
            f"its columns are {', '.join(columns)}: map one of them, as {{{columns[0]}: {key[0]}}} "
            f"in mapping, or with customerly import --map '{columns[0]}={key[0]}'"
        )
    raise ConfigError(f"{where} has no column for {wanted}; {says}")


def delimiter_hint(columns: Collection[str]) -> str:
    """Ask, of a single column whose name holds several, whether the delimiter is right."""
    name = next(iter(columns), "")
    is_cut_wrong = len(columns) == 1 and any(letter in name for letter in _DELIMITERS)
    return ": is the delimiter right?" if is_cut_wrong else ""


def _columns_of(field: str, columns: Sequence[str]) -> list[str]:
    """Name the column that is a field by a usual name; the two halves of a person's name."""
    usual = USUAL_NAMES.get(field, frozenset())
    found = [name for name in columns if comparable(name) in usual]
    if field == JOINED:
        halves = _halves(columns)
        if halves and not set(found) - set(halves):
            return halves
    return found if len(found) == 1 else []


def _halves(columns: Sequence[str]) -> list[str]:
    pairs = []
    for firsts, lasts in FIRST_AND_LAST:
        first = [name for name in columns if comparable(name) in firsts]
        last = [name for name in columns if comparable(name) in lasts]
        if len(first) == len(last) == 1:
            pairs.append([*first, *last])
    return pairs[0] if len(pairs) == 1 else []
