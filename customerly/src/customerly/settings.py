"""The declaration of a setting, and the settings that tap, target and command line share.

A setting is declared once. Its JSON schema, its entry in `meltano.yml`, its line in `.env.example`
and its row in a README follow from that: see `scripts/settings_docs.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from customerly import DEFAULT_API_URL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SettingType = Literal["string", "integer", "number", "boolean", "object", "array", "date-time"]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of a connector.

    Args:
        name: As a person writes it, in snake case.
        type: What it holds.
        description: What it is for, in one sentence without a full stop.
        title: How a form labels it; made of the name where it is empty.
        default: What holds where it is not given; None: nothing.
        required: Whether the connector can't do without it.
        secret: Whether its value must not be shown.
        minimum: Smallest value.
        maximum: Largest value.
        above: Value that it must exceed.
        options: The values that it can have, if these are few; the first is the default.
        schema: JSON schema of what an object or array holds.
    """

    name: str
    type: SettingType
    description: str
    title: str = ""
    default: str | float | bool | None = None
    required: bool = False
    secret: bool = False
    minimum: int | None = None
    maximum: int | None = None
    above: int | None = None
    options: tuple[str, ...] = ()
    schema: Mapping[str, Any] = field(default_factory=dict)

    def json_schema(self) -> dict[str, Any]:
        """Describe the setting as JSON schema.

        Returns:
            Its schema. One that may be left out can also be null.
        """
        kind = "string" if self.type == "date-time" else self.type
        default = self.options[0] if self.options else self.default
        optional = default is None and not self.required
        keywords = {
            "type": [kind, "null"] if optional else kind,
            "format": "date-time" if self.type == "date-time" else None,
            "title": self.title or self.name.replace("_", " ").capitalize(),
            "description": self.description,
            "default": default,
            "secret": self.secret or None,
            "minimum": self.minimum,
            "maximum": self.maximum,
            "exclusiveMinimum": self.above,
            "enum": list(self.options) or None,
            **self.schema,
        }
        return {keyword: value for keyword, value in keywords.items() if value is not None}


def config_jsonschema(settings: Iterable[Setting]) -> dict[str, Any]:
    """Describe a connector's configuration as JSON schema.

    Args:
        settings: All of its settings.

    Returns:
        A schema for the SDK's `config_jsonschema`.
    """
    settings = tuple(settings)
    return {
        "type": "object",
        "properties": {setting.name: setting.json_schema() for setting in settings},
        "required": [setting.name for setting in settings if setting.required],
    }


CONNECTION_SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="access_token",
        type="string",
        required=True,
        secret=True,
        description="The project's API token (Project Settings > Installation > Public API)",
    ),
    Setting(
        name="api_url",
        type="string",
        title="API URL",
        default=DEFAULT_API_URL,
        description="Where the API is; plain http only for a loopback address",
    ),
    Setting(
        name="max_concurrency",
        type="integer",
        minimum=1,
        default=4,
        description="Requests in flight at once",
    ),
    Setting(
        name="requests_per_second",
        type="number",
        above=0,
        description="A ceiling on the request rate; none where it is not set",
    ),
    Setting(
        name="request_timeout",
        type="number",
        above=0,
        default=60,
        description="Seconds without an answer before a try counts as failed",
    ),
    Setting(
        name="max_attempts",
        type="integer",
        minimum=1,
        default=6,
        description="Tries of one request, with exponential backoff; Retry-After is obeyed",
    ),
    Setting(
        name="max_wait",
        type="number",
        minimum=0,
        default=300,
        description="Seconds for which one request may go on being refused with 429 or 503 in "
        "all, max_attempts aside",
    ),
    Setting(
        name="user_agent",
        type="string",
        description="What the connector calls itself; by default its name and version",
    ),
    Setting(
        name="api_facts",
        type="string",
        title="API facts",
        description="File in which `customerly doctor --facts` put what it found out about the "
        "API: no longer tried out, nor paid for",
    ),
)
