"""The target's settings: their schema, and their checked form."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from customerly.errors import ConfigError
from customerly.settings import CONNECTION_SETTINGS, Setting, config_jsonschema

from target_customerly.intake.resources import RESOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping


SETTINGS: tuple[Setting, ...] = (
    *CONNECTION_SETTINGS,
    Setting(
        name="streams",
        type="object",
        description="Pattern of stream names to resource, mapping (column to field) and "
        "operation; the first that matches applies",
        schema={
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
    ),
    Setting(
        name="batch_size_rows",
        type="integer",
        minimum=1,
        default=100,
        description="Contacts a request; halved by itself where the API finds it too large",
    ),
    Setting(
        name="dry_run",
        type="boolean",
        default=False,
        description="Send nothing that writes; say on standard error what would be done",
    ),
    Setting(
        name="rejects_path",
        type="string",
        default="customerly-rejects.jsonl",
        description="Where each record that could not be applied is kept, with its reason",
    ),
    Setting(
        name="max_rejects",
        type="integer",
        minimum=-1,
        default=0,
        description="With more rejects than this the run ends with exit status 1; -1: never",
    ),
    Setting(
        name="max_deletes",
        type="integer",
        minimum=0,
        description="The run fails before the delete of a contact or tag that would exceed this",
    ),
    Setting(
        name="tags_mode",
        type="string",
        options=("add", "replace", "inline"),
        description="add: a contact keeps its tags and gets these; replace: it ends with exactly "
        "these; inline: they travel inside the upsert",
    ),
    Setting(
        name="unknown_streams",
        type="string",
        options=("fail", "ignore"),
        description="What to do with streams that map to no resource",
    ),
    Setting(
        name="unknown_fields",
        type="string",
        options=("attributes", "ignore", "reject"),
        description="What to do with columns that are no field of the resource",
    ),
    Setting(
        name="empty_values",
        type="string",
        options=("skip", "send"),
        description="Whether a null or empty cell is left out, or clears the field",
    ),
    Setting(
        name="attribute_names",
        type="string",
        options=("normalise", "keep", "reject"),
        description="What to do with names of other characters than ASCII letters, digits and _",
    ),
    Setting(
        name="long_text",
        type="string",
        options=("reject", "truncate"),
        description="What to do with attribute text over 128 characters",
    ),
    Setting(
        name="skip_unchanged",
        type="boolean",
        default=False,
        description="Send only contacts that differ from what was last accepted",
    ),
    Setting(
        name="snapshot_path",
        type="string",
        default="customerly-snapshot.db",
        description="What skip_unchanged remembers: keys and digests, no personal data",
    ),
    Setting(
        name="validate_records",
        type="boolean",
        default=False,
        description="Hold each record against its SCHEMA too, and reject what does not fit; what "
        "the API needs is always checked",
    ),
)
CONFIG_JSONSCHEMA = config_jsonschema(SETTINGS)
_DEFAULTS = {name: each.get("default") for name, each in CONFIG_JSONSCHEMA["properties"].items()}


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
            return _DEFAULTS[name] if given is None else given

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
