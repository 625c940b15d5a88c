"""Rules of streams: which resource a stream is applied as, and how."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from customerly.errors import ConfigError

from target_customerly.intake.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_customerly.settings import Settings


@dataclass(frozen=True)
class StreamRule:
    """How the streams of a name are applied.

    Attributes:
        pattern: Which names it is for, as `newsletter_*`.
        resource: Name of the resource.
        mapping: Column to field.
        operation: What is done where a record does not say it itself.
    """

    pattern: str
    resource: str
    mapping: Mapping[str, str]
    operation: str


class Rules:
    """The rules of `streams`, checked.

    Args:
        settings: The target's settings.

    Raises:
        ConfigError: A stream is mapped to what does not exist.
    """

    def __init__(self, settings: Settings) -> None:
        streams = settings.streams
        self._rules = tuple(_rule(pattern, entry or {}) for pattern, entry in streams.items())
        self._ignores_unknown = settings.unknown_streams == "ignore"

    def of(self, stream: str) -> StreamRule | None:
        """Find how a stream is applied.

        Args:
            stream: Its name.

        Returns:
            The first rule whose pattern matches, else that of the resource of the same name; None
            where the stream maps to no resource and those are ignored.

        Raises:
            ConfigError: It maps to no resource, and `unknown_streams` is `fail`.
        """
        for rule in self._rules:
            if fnmatchcase(stream, rule.pattern):
                return rule
        if stream in RESOURCES:
            return _rule(stream, {})
        if self._ignores_unknown:
            return None
        raise ConfigError(
            f"The stream {stream} maps to no resource: map it in `streams` to one of "
            f"{', '.join(RESOURCES)}, deselect it in the tap, or set unknown_streams to ignore"
        )


def _rule(pattern: str, entry: Mapping[str, Any]) -> StreamRule:
    name = entry.get("resource") or pattern
    resource = RESOURCES.get(name)
    if resource is None:
        raise ConfigError(
            f"streams.{pattern}: there is no resource {name}; there are {', '.join(RESOURCES)}"
        )
    operation = entry.get("operation") or next(iter(resource.operations))
    if operation not in resource.operations:
        raise ConfigError(
            f"streams.{pattern}: {name} can't {operation}; operations are "
            f"{', '.join(resource.operations)}"
        )
    mapping = dict(entry.get("mapping") or {})
    twice = {field for field in mapping.values() if list(mapping.values()).count(field) > 1}
    if twice:
        raise ConfigError(
            f"streams.{pattern}.mapping: two columns become {', '.join(sorted(twice))}"
        )
    return StreamRule(pattern, name, mapping, operation)
