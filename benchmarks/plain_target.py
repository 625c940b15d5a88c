"""What a plain target looks like: the SDK's batch sink, one request at a time, no retries.

It is here to be measured against: `python benchmarks/write.py`.
"""

from __future__ import annotations

from typing import Any, ClassVar

import requests
from singer_sdk import Target
from singer_sdk import typing as th
from singer_sdk.sinks import BatchSink


class PlainSink(BatchSink):
    """Posts a hundred contacts at a time."""

    max_size = 100
    session = requests.Session()

    def process_batch(self, context: dict[str, Any]) -> None:
        """Send what has been collected."""
        response = self.session.post(
            f"{self.config['api_url']}/{self.stream_name}",
            json={self.stream_name: context["records"]},
            headers={"Authorization": f"Bearer {self.config['access_token']}"},
            timeout=60,
        )
        response.raise_for_status()


class PlainTarget(Target):
    """A target with nothing but what it needs."""

    name = "target-plain"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("access_token", th.StringType, required=True),
        th.Property("api_url", th.StringType, required=True),
    ).to_dict()
    default_sink_class = PlainSink


if __name__ == "__main__":
    PlainTarget.cli()
