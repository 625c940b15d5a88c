"""A setting is said to be the same everywhere: schema, `meltano.yml`, `.env.example`, README."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from pipelines import ROOT
from tap_customerly.tap import TapCustomerly
from target_customerly.target import TargetCustomerly

if TYPE_CHECKING:
    from singer_sdk.plugin_base import PluginBase

CONNECTORS = pytest.mark.parametrize(
    ("connector", "kind"), [(TapCustomerly, "extractors"), (TargetCustomerly, "loaders")]
)
# A setting's type in JSON schema, and the kind that Meltano calls it.
KINDS = {
    **{name: name for name in ("string", "integer", "boolean", "object", "array")},
    "number": "decimal",
}


# The SDK's own settings; of these, one that we define anew is ours.
SDK_SETTINGS = {
    *("add_record_metadata", "batch_config", "faker_config", "flattening_enabled"),
    *("flattening_max_depth", "flattening_max_key_length", "flattening_separator"),
    *("load_method", "stream_map_config", "stream_maps", "validate_records"),
}


def schemas(connector: type[PluginBase]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Our settings, and the SDK's that come for free."""
    everything = {"properties": dict(connector.config_jsonschema["properties"])}
    connector.append_builtin_config(everything)
    ours, theirs = {}, {}
    for name, schema in everything["properties"].items():
        (theirs if name in SDK_SETTINGS else ours)[name] = schema
    return ours, theirs


def type_of(schema: dict[str, Any]) -> str:
    """A setting's type; none of ours has two."""
    types = schema["type"]
    return types if isinstance(types, str) else next(each for each in types if each != "null")


def text_of(value: Any) -> str:
    """A default as a person would type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def in_meltano(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A setting as `meltano.yml` should declare it."""
    kind = KINDS[type_of(schema)]
    kind = "date_iso8601" if schema.get("format") == "date-time" else kind
    kind = "options" if "enum" in schema else kind
    declared = {
        "name": name,
        "kind": kind,
        "label": schema.get("title"),
        "description": schema["description"],
        "sensitive": schema.get("secret"),
        "value": schema.get("default"),
        "options": [{"label": each.capitalize(), "value": each} for each in schema.get("enum", ())],
    }
    return {key: value for key, value in declared.items() if value not in (None, [])}


def in_words(name: str, schema: dict[str, Any], connector: type[PluginBase]) -> str:
    """A setting's row in a README's table."""
    form, default = type_of(schema), schema.get("default")
    if schema.get("format") == "date-time":
        form = "date-time"
    if "enum" in schema:
        *others, last = (f"`{each}`" for each in schema["enum"])
        form = f"{', '.join(others)} or {last}"
    if "minimum" in schema:
        low, high = schema["minimum"], schema.get("maximum")
        form += f" {low} to {high}" if high else f" ≥ {low}"
    if schema.get("secret"):
        form += ", secret"
    if name in connector.config_jsonschema.get("required", ()):
        form += ", required"
    elif default is None:
        form += ", none"
    else:
        form += f"{';' if 'enum' in schema else ','} `{text_of(default)}`"
    return f"| `{name}` | {form} | {schema['description']} |"


@CONNECTORS
def test_meltano_declares_each_setting(connector: type[PluginBase], kind: str) -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text())
    (plugin,) = (each for each in project["plugins"][kind] if each["name"] == connector.name)
    ours, theirs = schemas(connector)
    declared = {setting["name"]: setting for setting in plugin["settings"]}
    assert declared == {
        name: in_meltano(name, schema) for name, schema in {**ours, **theirs}.items()
    }
    assert set(plugin["capabilities"]) == {each.value for each in connector.capabilities}


@CONNECTORS
def test_the_example_environment_names_each_setting(connector: type[PluginBase], kind: str) -> None:
    prefix = connector.name.replace("-", "_").upper()
    text = (ROOT / ".env.example").read_text()
    found = dict(re.findall(rf"^# {prefix}_(\w+)=(.*)$", text, re.MULTILINE))
    ours, _ = schemas(connector)
    defaults = {name.upper(): schema.get("default") for name, schema in ours.items()}
    assert found == {
        name: "" if value is None else text_of(value) for name, value in defaults.items()
    }


@CONNECTORS
def test_the_readme_has_a_row_for_each_setting(connector: type[PluginBase], kind: str) -> None:
    lines = (ROOT / connector.name / "README.md").read_text().splitlines()
    tables = [line for line in lines if re.match(r"\| `\w+` \| .+ \| .+ \|$", line)]
    rows = {line.split("`")[1]: line for line in tables}
    ours, theirs = schemas(connector)
    assert {name: rows.get(name) for name in ours} == {
        name: in_words(name, schema, connector) for name, schema in ours.items()
    }
    assert theirs.keys() <= rows.keys()
