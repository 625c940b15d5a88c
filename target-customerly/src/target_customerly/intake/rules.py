"""Rules of streams: which resource a stream is applied as, and how."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from customerly.errors import ConfigError
from customerly.text import trimmed

from target_customerly.intake.cell_types import reader_of
from target_customerly.intake.resources import RESOURCES
from target_customerly.intake.understanding import JOINED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from target_customerly.settings import Settings

_DEFAULTS = {"contacts": "leads"}
"""What a stream is that is called as tap-contact-files calls it, where nothing says it."""

_AUTO = "auto"


@dataclass(frozen=True)
class StreamRule:
    """How the streams of a name are applied.

    Attributes:
        pattern: Which names it is for, as `newsletter_*`.
        resource: Name of the resource.
        mapping: Column to field or attribute; None leaves the column out.
        operation: What is done where a record does not say it itself.
        types: Column to its type, see `cell_types`.
        finds_types: Whether the other columns of files are typed by what is in them.
        mirror: Whether contacts that leave the stream are deleted.
        tag: What each of its contacts is tagged with; empty: nothing.
        tag_separator: What stands between the tags of one cell; empty: what it looks like.
    """

    pattern: str
    resource: str
    mapping: Mapping[str, str | None]
    operation: str
    types: Mapping[str, str] = field(default_factory=dict)
    finds_types: bool = False
    mirror: bool = False
    tag: str = ""
    tag_separator: str = ""


class Rules:
    """The rules of `streams`, checked.

    Args:
        settings: The target's settings.

    Attributes:
        mirrors: Whether a stream can be mirrored.

    Raises:
        ConfigError: A stream is mapped to what does not exist.
    """

    def __init__(self, settings: Settings) -> None:
        streams = settings.streams
        self._rules = tuple(_rule(pattern, entry or {}) for pattern, entry in streams.items())
        self._ignores_unknown = settings.unknown_streams == "ignore"
        self.mirrors = any(rule.mirror for rule in self._rules)

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
            if stream == rule.pattern or fnmatchcase(stream, rule.pattern):
                return rule
        if stream in RESOURCES or stream in _DEFAULTS:
            return _rule(stream, {})
        if self._ignores_unknown:
            return None
        raise ConfigError(
            f"The stream {stream} maps to no resource: map it in `streams` to one of "
            f"{', '.join(RESOURCES)}, deselect it in the tap, or set unknown_streams to ignore"
        )


def _rule(pattern: str, entry: Mapping[str, Any]) -> StreamRule:
    name = entry.get("resource") or _DEFAULTS.get(pattern, pattern)
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
    types, finds_types = _types(pattern, entry.get("types"))
    mirror, tag = bool(entry.get("mirror")), trimmed(entry.get("tag") or "")
    if (mirror or tag) and not resource.is_contact:
        raise ConfigError(f"streams.{pattern}: mirror and tag are for users and leads alone")
    if mirror and operation in {"delete", "unsubscribe"}:
        raise ConfigError(f"streams.{pattern}: a stream that does {operation} can't be mirrored")
    return StreamRule(
        pattern,
        name,
        _mapping(pattern, entry.get("mapping")),
        operation,
        types,
        finds_types=finds_types,
        mirror=mirror,
        tag=tag,
        tag_separator=entry.get("tag_separator") or "",
    )


def _mapping(pattern: str, given: object) -> dict[str, str | None]:
    mapping: dict[str, str | None] = {}
    for column, target in _object(f"streams.{pattern}.mapping", given).items():
        if target is not None and not isinstance(target, str):
            raise ConfigError(f"streams.{pattern}.mapping: {column} must become a text or null")
        mapping[column] = trimmed(target or "") or None
    targets = [target for target in mapping.values() if target not in (None, JOINED)]
    twice = {target for target in targets if targets.count(target) > 1}
    if twice:
        raise ConfigError(
            f"streams.{pattern}.mapping: two columns become {', '.join(sorted(map(str, twice)))}"
        )
    return mapping


def _types(pattern: str, given: object) -> tuple[dict[str, str], bool]:
    where = f"streams.{pattern}.types"
    if isinstance(given, str) and trimmed(given).lower() == _AUTO:
        return {}, True
    types = _object(where, given)
    for column, type_ in types.items():
        if not isinstance(type_, str):
            raise ConfigError(f"{where}.{column}: must be a text")
        reader_of(type_, f"{where}.{column}")
    return types, False


def _object(where: str, given: object) -> dict[str, Any]:
    """Read an object that a variable may hold as JSON; an empty text is none."""
    if isinstance(given, str):
        try:
            given = json.loads(given) if trimmed(given) else {}
        except ValueError:
            raise ConfigError(f"{where}: is no JSON") from None
    if given is not None and not isinstance(given, dict):
        raise ConfigError(f"{where}: must be an object")
    return dict(given or {})
