"""What a plain file tap looks like: Python's CSV reader behind the SDK's stream.

It is here to be measured against: `python benchmarks/files.py`.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Stream, Tap
from singer_sdk import typing as th

if TYPE_CHECKING:
    from collections.abc import Iterable

    from singer_sdk.helpers.types import Context

TEXT = ("email", "name", "plan", "company", "seats")


class Leads(Stream):
    """The rows of a CSV file."""

    name = "leads"
    schema: ClassVar[dict[str, Any]] = th.PropertiesList(
        *(th.Property(name, th.StringType) for name in TEXT)
    ).to_dict()

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:  # noqa: ARG002
        """Read the file."""
        with Path(self.config["path"]).open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                yield dict(row)


class PlainFiles(Tap):
    """A tap with nothing but what it needs."""

    name = "tap-plain-files"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("path", th.StringType, required=True)
    ).to_dict()

    def discover_streams(self) -> list[Stream]:
        """Name the one stream."""
        return [Leads(self)]


if __name__ == "__main__":
    PlainFiles.cli()
