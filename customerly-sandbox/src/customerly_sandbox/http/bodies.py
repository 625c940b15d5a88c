"""JSON bodies as dataclasses, so that a slip is an error at once and not when it strikes."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, TypeVar

import msgspec

T = TypeVar("T")

Count = Annotated[int, msgspec.Meta(ge=0, le=100_000_000)]
Amount = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


def read(kind: type[T], given: dict[str, Any]) -> T:
    """An object of a dataclass from a body.

    Raises:
        ValueError: It has an unknown name, or a value of a wrong type.
    """
    known = {known.name for known in fields(kind)}  # type: ignore[arg-type]
    unknown = [name for name in given if name not in known or name.startswith("_")]
    if unknown:
        message = f"unknown: {', '.join(unknown)}; there are: {', '.join(sorted(known))}"
        raise ValueError(message)
    try:
        return msgspec.convert(given, kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
