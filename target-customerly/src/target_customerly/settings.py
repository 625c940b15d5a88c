"""The target's settings: their schema, and their checked form."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from customerly.errors import ConfigError
from customerly.settings import CONNECTION_SETTINGS

from target_customerly.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping


def _choice(title: str, description: str, *choices: str) -> dict[str, Any]:
    return {
        "type": "string",
        "enum": list(choices),
        "default": choices[0],
        "title": title,
        "description": description,
    }


_OWN_SETTINGS: dict[str, dict[str, Any]] = {
    "streams": {
        "type": ["object", "null"],
        "title": "Streams",
        "description": (
            "Pattern of stream names to resource, mapping (column to field) and operation; "
            "the first that matches applies"
        ),
        "additionalProperties": {
            "type": "object",
            "properties": {
                "resource": {"type": "string"},
                "mapping": {
                    "type": ["object", "null"],
                    "additionalProperties": {"type": "string"},
                },
                "operation": {"type": ["string", "null"]},
            },
            "additionalProperties": False,
        },
    },
    "batch_size_rows": {
        "type": "integer",
        "minimum": 1,
        "default": 100,
        "title": "Batch size rows",
        "description": "Contacts a request; halved by itself where the API finds it too large",
    },
    "dry_run": {
        "type": "boolean",
        "default": False,
        "title": "Dry run",
        "description": "Send nothing that writes; say on standard error what would be done",
    },
    "rejects_path": {
        "type": "string",
        "default": "customerly-rejects.jsonl",
        "title": "Rejects path",
        "description": "Where each record that could not be applied is kept, with its reason",
    },
    "max_rejects": {
        "type": "integer",
        "minimum": -1,
        "default": 0,
        "title": "Max rejects",
        "description": "With more rejects than this the run ends with exit status 1; -1: never",
    },
    "max_deletes": {
        "type": ["integer", "null"],
        "minimum": 0,
        "title": "Max deletes",
        "description": "The run fails before the delete of a contact or tag that would exceed this",
    },
    "tags_mode": _choice(
        "Tags mode",
        "add: a contact keeps its tags and gets these; replace: it ends with exactly these; "
        "inline: they travel inside the upsert",
        "add",
        "replace",
        "inline",
    ),
    "unknown_streams": _choice(
        "Unknown streams", "What to do with streams that map to no resource", "fail", "ignore"
    ),
    "unknown_fields": _choice(
        "Unknown fields",
        "What to do with columns that are no field of the resource",
        "attributes",
        "ignore",
        "reject",
    ),
    "empty_values": _choice(
        "Empty values",
        "Whether a null or empty cell is left out, or clears the field",
        "skip",
        "send",
    ),
    "attribute_names": _choice(
        "Attribute names",
        "What to do with names of other characters than ASCII letters, digits and _",
        "normalise",
        "keep",
        "reject",
    ),
    "long_text": _choice(
        "Long text", "What to do with attribute text over 128 characters", "reject", "truncate"
    ),
    "skip_unchanged": {
        "type": "boolean",
        "default": False,
        "title": "Skip unchanged",
        "description": "Send only contacts that differ from what was last accepted",
    },
    "snapshot_path": {
        "type": "string",
        "default": "customerly-snapshot.db",
        "title": "Snapshot path",
        "description": "What skip_unchanged remembers: keys and digests, no personal data",
    },
    "validate_records": {
        "type": "boolean",
        "default": False,
        "title": "Validate records",
        "description": (
            "Hold each record against its SCHEMA too, and reject what does not fit; what the API "
            "needs is always checked"
        ),
    },
}

CONFIG_JSONSCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {**CONNECTION_SETTINGS, **_OWN_SETTINGS},
    "required": ["access_token"],
}


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


@dataclass(frozen=True)
class Settings:
    """The target's own settings, checked (interface, target-customerly)."""

    rules: tuple[StreamRule, ...]
    batch_size: int
    dry_run: bool
    rejects_path: Path
    max_rejects: int
    max_deletes: int | None
    tags_mode: str
    unknown_streams: str
    unknown_fields: str
    empty_values: str
    attribute_names: str
    long_text: str
    skip_unchanged: bool
    snapshot_path: Path
    validate_records: bool

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Check the configuration as far as its JSON schema can't.

        Args:
            config: As the SDK read it.

        Returns:
            The settings, defaults filled in.

        Raises:
            ConfigError: A stream is mapped to what does not exist.
        """

        def value(name: str) -> Any:  # noqa: ANN401
            given = config.get(name)
            return _OWN_SETTINGS[name].get("default") if given is None else given

        streams = value("streams") or {}
        return cls(
            rules=tuple(_rule(pattern, entry or {}) for pattern, entry in streams.items()),
            batch_size=value("batch_size_rows"),
            dry_run=value("dry_run"),
            rejects_path=Path(value("rejects_path")),
            max_rejects=value("max_rejects"),
            max_deletes=value("max_deletes"),
            tags_mode=value("tags_mode"),
            unknown_streams=value("unknown_streams"),
            unknown_fields=value("unknown_fields"),
            empty_values=value("empty_values"),
            attribute_names=value("attribute_names"),
            long_text=value("long_text"),
            skip_unchanged=value("skip_unchanged"),
            snapshot_path=Path(value("snapshot_path")),
            validate_records=value("validate_records"),
        )

    def rule_for(self, stream: str) -> StreamRule | None:
        """Find how a stream is applied.

        Args:
            stream: Its name.

        Returns:
            The first rule whose pattern matches, else that of the resource of the same name; None
            where the stream maps to no resource and those are ignored.

        Raises:
            ConfigError: It maps to no resource, and `unknown_streams` is `fail`.
        """
        for rule in self.rules:
            if fnmatchcase(stream, rule.pattern):
                return rule
        if stream in RESOURCES:
            return _rule(stream, {})
        if self.unknown_streams == "ignore":
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
