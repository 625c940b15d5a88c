"""The target's settings: their schema, and their checked form."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from customerly.facts import ApiFacts, read_facts
from customerly.settings import CONNECTION_SETTINGS, Setting, config_jsonschema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


SETTINGS: tuple[Setting, ...] = (
    *CONNECTION_SETTINGS,
    Setting(
        name="streams",
        type="object",
        description="Pattern of stream names to resource, mapping (column to field; null leaves it "
        "out), types (column to text, number, decimal-comma, decimal-point, boolean, date, excel "
        "or a form as DD/MM/YYYY; or auto), operation, mirror, tag and tag_separator (between the "
        "tags of one cell); the first that matches applies",
        schema={
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "resource": {"type": ["string", "null"]},
                    "mapping": {
                        "type": ["object", "string", "null"],
                        "additionalProperties": {"type": ["string", "null"]},
                    },
                    "types": {
                        "type": ["object", "string", "null"],
                        "additionalProperties": {"type": "string"},
                    },
                    "operation": {"type": ["string", "null"]},
                    "mirror": {"type": ["boolean", "null"]},
                    "tag": {"type": ["string", "null"]},
                    "tag_separator": {"type": ["string", "null"]},
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
        name="max_rejects_percent",
        type="number",
        minimum=0,
        maximum=100,
        description="The same as a share of a stream's records, checked at the end",
    ),
    Setting(
        name="max_deletes",
        type="integer",
        minimum=0,
        description="The run fails before the delete of a contact or tag that would exceed this",
    ),
    Setting(
        name="max_deletes_percent",
        type="number",
        minimum=0,
        maximum=100,
        description="The same as a share of the contacts that the snapshot holds; for mirror by "
        "default 20",
    ),
    Setting(
        name="tags_mode",
        type="string",
        options=("add", "replace", "inline"),
        description="add: a contact keeps its tags and gets these; replace: it ends with exactly "
        "these; inline: they travel inside the upsert",
    ),
    Setting(
        name="verify_tagged",
        type="boolean",
        default=True,
        description="Look up a contact that is to be tagged and of which nothing is known, where "
        "the API's answers do not tell",
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
        name="repeat_unclear",
        type="boolean",
        default=False,
        description="Send messages and calls again that may have been applied, when their rejects "
        "are fed back",
    ),
    Setting(
        name="log_path",
        type="string",
        description="Where each operation leaves a line of JSON: what became of it, when and why",
    ),
    Setting(
        name="log_keys",
        type="boolean",
        default=False,
        description="Write addresses and user ids into the log, in place of their digests",
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
    batch_size_rows: int
    dry_run: bool
    rejects_path: Path
    max_rejects: int
    max_rejects_percent: float | None
    max_deletes: int | None
    max_deletes_percent: float | None
    tags_mode: str
    verify_tagged: bool
    unknown_streams: str
    unknown_fields: str
    empty_values: str
    attribute_names: str
    long_text: str
    repeat_unclear: bool
    log_path: Path | None
    log_keys: bool
    skip_unchanged: bool
    snapshot_path: Path
    validate_records: bool
    api_facts: ApiFacts

    @property
    def inlines_tags(self) -> bool:
        """Whether tags travel inside an upsert: as asked for, or since it is known to add them."""
        adds = self.tags_mode == "add" and self.api_facts.tags_in_upsert == "add"
        return adds or self.tags_mode == "inline"

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Read the configuration, which its JSON schema has checked.

        Args:
            config: As the SDK read it.

        Returns:
            The settings, defaults filled in.

        Raises:
            ConfigError: `api_facts` can't be read.
        """
        values: dict[str, Any] = {"streams": {}}
        for field in dataclasses.fields(cls):
            given = config.get(field.name)
            default = _DEFAULTS[field.name]
            chosen = default if given is None else given
            if chosen is not None or field.name not in values:
                values[field.name] = _CONVERTERS.get(field.name, _same)(chosen)
        return cls(**values)


def _same(value: object) -> object:
    return value


def _path(value: str | None) -> Path | None:
    return None if value is None else Path(value)


_CONVERTERS: dict[str, Callable[[Any], object]] = {
    "rejects_path": _path,
    "log_path": _path,
    "snapshot_path": _path,
    "api_facts": read_facts,
}
