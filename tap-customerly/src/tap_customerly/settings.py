"""The tap's settings, and one clear complaint about each that is wrong, before any request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from customerly.calls import host_path
from customerly.errors import ConfigError
from customerly.settings import CONNECTION_SETTINGS, Setting, config_jsonschema
from customerly.singer import connection_complaints, schema_complaints
from customerly.values import Unreadable, read_moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

_LIMIT = {"type": "integer", "minimum": 1, "description": "How many records at most"}
_LISTING = {
    "type": "object",
    "properties": {
        "limit": _LIMIT,
        "sort": {"type": "string", "minLength": 1, "description": "One field of a contact"},
        "sort_direction": {"type": "string", "enum": ["asc", "desc"]},
    },
    "additionalProperties": False,
}
_EMAIL = {"type": "string", "minLength": 1}
_USER_ID = {"type": ["string", "integer"], "minLength": 1}


def _one_of(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "array",
        "items": {
            "type": "object",
            "properties": dict(keys),
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        },
    }


_CUSTOM_STREAM = {
    "type": "object",
    "properties": {
        "name": {
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_-]*$",
            "description": "Name of the stream",
        },
        "path": {
            "type": "string",
            "minLength": 1,
            "description": "Relative to api_url, as users/list; with a leading slash to its host",
        },
        "query": {
            "type": ["object", "null"],
            "additionalProperties": {"type": ["string", "number", "boolean"]},
            "description": "Further query parameters",
        },
        "records_path": {
            "type": ["string", "null"],
            "description": "Where the records are in the answer, as data.users; by default they "
            "are looked for in data",
        },
        "primary_keys": {
            "type": ["array", "null"],
            "items": {"type": "string", "minLength": 1},
            "description": "Fields that tell the records apart",
        },
        "paginated": {
            "type": ["boolean", "null"],
            "description": "Whether to ask for page after page, from 0, page_size records each",
        },
    },
    "required": ["name", "path"],
    "additionalProperties": False,
}

SETTINGS: tuple[Setting, ...] = (
    *CONNECTION_SETTINGS,
    Setting(
        name="start_date",
        type="date-time",
        description="An incremental stream's first run takes contacts with last_update at or "
        "after it",
    ),
    Setting(
        name="page_size",
        type="integer",
        minimum=1,
        maximum=100,
        default=100,
        description="Contacts a list page",
    ),
    Setting(
        name="lists",
        type="object",
        description="Instead of the normal read of a stream, a bounded listing that moves no "
        'bookmark: {"users": {"limit": 10, "sort": "name", "sort_direction": "desc"}}; tags '
        "takes limit alone",
        schema={
            "properties": {
                "users": _LISTING,
                "leads": _LISTING,
                "tags": {
                    "type": "object",
                    "properties": {"limit": _LIMIT},
                    "additionalProperties": False,
                },
            },
            "additionalProperties": False,
        },
    ),
    Setting(
        name="contacts",
        type="object",
        description="Instead of the normal read of a stream, just these contacts, one look-up "
        'each: {"users": [{"email": "…"}, {"user_id": "…"}], "leads": [{"email": "…"}]}; one '
        "that does not exist is a warning",
        schema={
            "properties": {
                "users": _one_of({"email": _EMAIL, "user_id": _USER_ID}),
                "leads": _one_of({"email": _EMAIL}),
            },
            "additionalProperties": False,
        },
    ),
    Setting(
        name="discover_attributes",
        type="boolean",
        default=False,
        description="Sample contacts and declare their custom attributes, typed, in the catalog",
    ),
    Setting(
        name="custom_streams",
        type="array",
        description="Any other list endpoint as a stream: name, path, query, records_path, "
        "primary_keys, paginated",
        schema={"items": _CUSTOM_STREAM},
    ),
    Setting(
        name="lookback",
        type="integer",
        minimum=0,
        default=60,
        description="Seconds before the bookmark at which an incremental read begins, for changes "
        "that became visible late",
    ),
    Setting(
        name="max_gone_percent",
        type="number",
        minimum=0,
        maximum=100,
        default=50,
        description="A full-table read that misses more than this share of what the last complete "
        "one had (from 100 records on) sends no ACTIVATE_VERSION, unless the next run finds the "
        "same; 100 never holds one back",
    ),
    Setting(
        name="webhook_spool",
        type="string",
        description="Where `customerly listen` keeps deliveries; turns on webhook_events",
    ),
    Setting(
        name="operation_log",
        type="string",
        description="The log_path of target-customerly; turns on operations",
    ),
)
CONFIG_JSONSCHEMA = config_jsonschema(SETTINGS)


def check(
    config: dict[str, Any],
    schema: Mapping[str, Any],
    streams: Collection[str],
    *,
    offline: bool,
) -> None:
    """Complain about every wrong setting, in one line; fill in defaults.

    Args:
        config: The configuration. What is null counts as not given, and is taken out; numbers
            that came as text from the environment are converted.
        schema: The settings' JSON schema, the SDK's own among them.
        streams: Names of the streams that a custom one must not take.
        offline: Whether no request will be sent, so that the token may be missing.

    Raises:
        ConfigError: Something is wrong; the line names it, and repeats no value.
    """
    for name in [name for name, value in config.items() if value is None]:
        del config[name]
    problems = schema_complaints(config, schema)
    if not problems:
        problems = [*_moment_problems(config), *_custom_problems(config, streams)]
    if not (offline and not config.get("access_token")):
        problems += connection_complaints(config, problems)
    if problems:
        raise ConfigError("; ".join(problems))


def _moment_problems(config: Mapping[str, Any]) -> Iterator[str]:
    try:
        read_moment(config.get("start_date") or "")
    except Unreadable:
        yield "start_date: must be a date-time, as 2026-01-31T00:00:00Z"


def _custom_problems(config: Mapping[str, Any], streams: Collection[str]) -> Iterator[str]:
    names = set(streams)
    for place, custom in enumerate(config.get("custom_streams") or ()):
        where = f"custom_streams[{place}]"
        if custom["name"] in names:
            yield f"{where}.name: there is a stream {custom['name']} already"
        names.add(custom["name"])
        if not _is_own_path(custom["path"]):
            yield f"{where}.path: must be a path on the API's own host, as users/list"


def _is_own_path(path: str) -> bool:
    try:
        host_path("/" + path.removeprefix("/"))
    except ConfigError:
        return False
    return "://" not in path
