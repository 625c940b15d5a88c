"""The target's settings: their schema, and their checked form."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from customerly.settings import CONNECTION_SETTINGS, Setting, config_jsonschema

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
class Settings:
    """The target's own settings, by the names and defaults of `SETTINGS`."""

    streams: Mapping[str, Any]
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
        """Read the configuration, which its JSON schema has checked.

        Args:
            config: As the SDK read it.

        Returns:
            The settings, defaults filled in.
        """

        def value(name: str) -> Any:  # noqa: ANN401
            given = config.get(name)
            return _DEFAULTS[name] if given is None else given

        return cls(
            streams=value("streams") or {},
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
