"""The tap's settings, and the files that they name."""

from __future__ import annotations

import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from customerly.errors import ConfigError
from customerly.settings import Setting, config_jsonschema
from customerly.singer import schema_complaints

from tap_contact_files.options import FileOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DEFAULT_STREAM = "contacts"

_TEXT = {"type": ["string", "null"]}
_FILE = {
    "type": "object",
    "properties": {
        "path": {**_TEXT, "description": "The file, its name taken as it is"},
        "pattern": {**_TEXT, "description": "Instead of path: as imports/*.csv, all that match"},
        "stream": {**_TEXT, "description": f"The stream's name; by default {DEFAULT_STREAM}"},
        "encoding": {**_TEXT, "description": "Of a text file; detected where not given"},
        "delimiter": {**_TEXT, "description": "Of a text file; detected where not given"},
        "quotechar": {**_TEXT, "description": "Of a text file; detected where not given"},
        "sheet": {
            "type": ["string", "integer", "null"],
            "description": "Of a workbook: name, or number from 1; by default the first",
        },
        "header_row": {
            "type": ["integer", "null"],
            "minimum": 1,
            "description": "Row of the columns' names; by default the first that is not blank",
        },
    },
    "additionalProperties": False,
}

SETTINGS: tuple[Setting, ...] = (
    Setting(
        name="files",
        type="array",
        required=True,
        description="A file each: path (taken as it is) or pattern; stream; encoding, delimiter "
        "and quotechar, detected where not given; sheet; header_row",
        schema={"items": _FILE},
    ),
    Setting(
        name="on_bad_row",
        type="string",
        options=("aside", "fail"),
        description="What to do with a row that has more cells than the header, or an open quote: "
        "keep it in bad_rows_path, or end before anything is sent",
    ),
    Setting(
        name="bad_rows_path",
        type="string",
        default="contact-files-bad-rows.jsonl",
        description="Where rows that can't be read are kept, with file, row and reason",
    ),
)
CONFIG_JSONSCHEMA = config_jsonschema(SETTINGS)


class FileSetting(NamedTuple):
    """One file of the settings.

    Attributes:
        path: The file.
        stream: The stream that it belongs to.
        options: How to read it.
    """

    path: Path
    stream: str
    options: FileOptions


def check(config: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Complain about every wrong setting, in one line; fill in defaults.

    Args:
        config: The configuration. What came as text is read.
        schema: The settings' JSON schema, the SDK's own among them.

    Raises:
        ConfigError: Something is wrong.
    """
    problems = schema_complaints(config, schema)
    if not problems:
        problems = list(_problems(config))
    if problems:
        raise ConfigError("; ".join(problems))


def _problems(config: Mapping[str, Any]) -> Iterator[str]:
    if not config.get("files"):
        yield 'files: name at least one, as [{"path": "leads.csv"}]'
    for place, entry in enumerate(config.get("files") or ()):
        if bool(entry.get("path")) == bool(entry.get("pattern")):
            yield f"files[{place}]: needs path or pattern, and not both"


def files_of(config: Mapping[str, Any]) -> Iterator[FileSetting]:
    """Name the files of a checked configuration; an empty text counts as not given.

    Args:
        config: The configuration.

    Yields:
        Each file, those of a pattern in the order of their names.

    Raises:
        ConfigError: A pattern matches nothing.
    """
    for entry in config["files"]:
        given = {name: value for name, value in entry.items() if value not in (None, "")}
        path, pattern = given.pop("path", None), given.pop("pattern", None)
        stream = given.pop("stream", DEFAULT_STREAM)
        matching = [path] if path else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
        if not matching:
            raise ConfigError(f"files: no file matches {pattern}")
        for name in matching:
            yield FileSetting(Path(name), stream, FileOptions(**given))
