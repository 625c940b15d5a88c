"""Write what follows from the declarations of settings: `make docs`, or `--check` in `make lint`.

A connector's settings are declared once, in its `settings.py`. From there come its entry in
`meltano.yml`, its lines in `.env.example` and the tables of its README.
"""

from __future__ import annotations

import io
import json
import re
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

from meltano.core import yaml as meltano_yaml
from tap_contact_files.tap import TapContactFiles
from tap_customerly.tap import TapCustomerly
from target_customerly.target import TargetCustomerly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.plugin_base import PluginBase

ROOT = Path(__file__).parent.parent
CONNECTORS: dict[type[PluginBase], str] = {
    TapCustomerly: "extractors",
    TapContactFiles: "extractors",
    TargetCustomerly: "loaders",
}
"""Each connector, and where `meltano.yml` lists it."""

ENV_MARK = "# ---- written by `make docs` ----"
TABLE = re.compile(
    r"(<!-- settings: (\w+), written by `make docs` -->\n).*?(<!-- end -->)", re.DOTALL
)
# What the SDK brings along for every plug-in; of these, one that we declare anew is the SDK's too.
SDK_SETTINGS = {
    *("add_record_metadata", "batch_config", "faker_config", "flattening_enabled"),
    *("flattening_max_depth", "flattening_max_key_length", "flattening_separator"),
    *("load_method", "stream_map_config", "stream_maps", "validate_records"),
}
# The SDK's words where they would mislead: what these do here.
NO_EFFECT = {
    "add_record_metadata": "Without effect here",
    "load_method": "Without effect here: a stream's `operation` decides",
}

Schemas = dict[str, dict[str, Any]]


def settings_of(connector: type[PluginBase]) -> dict[str, Schemas]:
    """Tell a connector's own settings from those that the SDK brings along.

    Args:
        connector: Its class.

    Returns:
        `own` and `sdk`, each setting name to JSON schema.
    """
    everything = {"properties": dict(connector.config_jsonschema["properties"])}
    connector.append_builtin_config(everything)
    schemas: Schemas = json.loads(json.dumps(everything["properties"]))  # without the SDK's enums
    groups: dict[str, Schemas] = {"own": {}, "sdk": {}}
    for name, schema in schemas.items():
        schema["description"] = NO_EFFECT.get(name, schema["description"])
        groups["sdk" if name in SDK_SETTINGS else "own"][name] = schema
    return groups


def meltano_entry(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Declare a setting to Meltano.

    It gets no `kind`. Meltano would read a variable by its kind before the connector does, which
    ends in a traceback where the variable is empty, and takes a name with a dot apart.

    Args:
        name: The setting's name.
        schema: Its JSON schema.

    Returns:
        Its entry.
    """
    entry = {
        "name": name,
        "value": schema.get("default"),
        "label": schema.get("title"),
        "description": schema["description"],
        "sensitive": schema.get("secret"),
    }
    return {key: value for key, value in entry.items() if value is not None}


def meltano_project(text: str) -> str:
    """Bring the connectors' settings and capabilities in `meltano.yml` up to date.

    Args:
        text: The file as it is.

    Returns:
        The file as it should be, laid out as Meltano itself writes it, so that `meltano add` or
        `meltano config set` changes no more lines than it must.
    """
    project = meltano_yaml.yaml.load(text)
    for connector, kind in CONNECTORS.items():
        (plugin,) = (each for each in project["plugins"][kind] if each["name"] == connector.name)
        groups = settings_of(connector)
        plugin["capabilities"] = [each.value for each in connector.capabilities]
        plugin["settings"] = [
            meltano_entry(name, schema)
            for name, schema in {**groups["own"], **groups["sdk"]}.items()
        ]
    laid_out = io.StringIO()
    meltano_yaml.yaml.dump(project, laid_out)
    return laid_out.getvalue()


def env_lines(connector: type[PluginBase]) -> Iterator[str]:
    """List a connector's variables, each commented out, at its default.

    Args:
        connector: Its class.

    Yields:
        Lines of `.env.example`.
    """
    yield f"# {connector.name}"
    prefix = connector.name.replace("-", "_").upper()
    for name, schema in settings_of(connector)["own"].items():
        yield ""
        yield from textwrap.wrap(
            schema["description"], 88, initial_indent="#   ", subsequent_indent="#   "
        )
        default = schema.get("default")
        yield f"# {prefix}_{name.upper()}={'' if default is None else text_of(default)}"
    yield ""


def env_example(text: str) -> str:
    """Bring `.env.example` up to date.

    Args:
        text: The file as it is; what is above the mark stays.

    Returns:
        The file as it should be.
    """
    head = text[: text.index(ENV_MARK)]
    note = "# All is as it would be without a line here. Lists and objects are JSON, on one line."
    lines = [line for connector in CONNECTORS for line in env_lines(connector)]
    return "\n".join([f"{head}{ENV_MARK}", note, "", *lines])


def table_row(name: str, schema: Mapping[str, Any], *, required: bool) -> str:
    """Describe a setting in a README's table.

    Args:
        name: Its name.
        schema: Its JSON schema.
        required: Whether the connector can't do without it.

    Returns:
        The row.
    """
    types = schema["type"]
    form = types if isinstance(types, str) else next(kind for kind in types if kind != "null")
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
    default = schema.get("default")
    if required:
        form += ", required"
    elif default is None:
        form += ", none"
    else:
        form += f"{';' if 'enum' in schema else ','} `{text_of(default)}`"
    return f"| `{name}` | {form} | {schema['description']} |"


def readme(text: str, connector: type[PluginBase]) -> str:
    """Bring the tables of a connector's README up to date.

    Args:
        text: The file as it is; a table stands between two comments.
        connector: The connector's class.

    Returns:
        The file as it should be.
    """
    required = connector.config_jsonschema.get("required", ())
    groups = settings_of(connector)

    def table(found: re.Match[str]) -> str:
        rows = [
            table_row(name, schema, required=name in required)
            for name, schema in groups[found[2]].items()
        ]
        head = ["| setting | type, default | meaning |", "| --- | --- | --- |"]
        return found[1] + "\n".join([*head, *rows]) + "\n" + found[3]

    return TABLE.sub(table, text)


def text_of(value: object) -> str:
    """Write a default as a person would type it."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


def documents() -> Iterator[tuple[Path, str]]:
    """Make every document that holds settings.

    Yields:
        Its path, and its text as it should be.
    """
    for path, update in (
        (ROOT / "meltano.yml", meltano_project),
        (ROOT / ".env.example", env_example),
    ):
        yield path, update(path.read_text(encoding="utf-8"))
    for connector in CONNECTORS:
        path = ROOT / connector.name / "README.md"
        yield path, readme(path.read_text(encoding="utf-8"), connector)


def main(*, check: bool) -> int:
    """Write the documents that are out of date, or name them.

    Args:
        check: Whether only to name them.

    Returns:
        The exit status: 1 where `check` found one.
    """
    stale = [(path, text) for path, text in documents() if path.read_text(encoding="utf-8") != text]
    for path, text in stale:
        if check:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: run `make docs`\n")
        else:
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
