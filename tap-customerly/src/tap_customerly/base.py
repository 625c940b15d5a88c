"""What the streams need of the tap: its output, the API, and whose state it was given."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Any, cast

import click
from customerly.api import Api
from customerly.client import Client
from customerly.connection import Connection
from customerly.facts import ApiFacts, read_facts
from customerly.singer import OneLinePlugin
from customerly.singer.messages import Output
from singer_sdk import Tap

from tap_customerly.project import ProjectGuard, meltano_job


class CustomerlyTap(OneLinePlugin, Tap):
    """A tap whose streams share one client and one output."""

    message_writer_class = Output

    def __init__(self, **options: Any) -> None:
        """Make the tap; with the command that it runs in, its connections end.

        Args:
            options: Those of `Tap`.
        """
        super().__init__(**options)
        if command := click.get_current_context(silent=True):
            command.call_on_close(self._close)

    @property
    def output(self) -> Output:
        """Where messages go."""
        return self.message_writer  # type: ignore[return-value]

    @cached_property
    def api(self) -> Api:
        """The API; one client, shared by all streams, closed when the command ends."""
        agent = f"{self.name}/{self.plugin_version}"
        return Api(Client(Connection.from_config(self.config, user_agent=agent)))

    @cached_property
    def facts(self) -> ApiFacts:
        """What `api_facts` says of the API; that lists keep no order is warned of once."""
        facts = read_facts(self.config.get("api_facts"))
        if facts.order_by_last_update is False:
            self.logger.warning(
                "api_facts: lists don't follow sort=last_update: changes can be missed"
            )
        return facts

    @property
    def requests_sent(self) -> int:
        """How many requests have left so far."""
        return self.api.client.requests_sent if "api" in self.__dict__ else 0

    @cached_property
    def project(self) -> ProjectGuard:
        """Compares the state's project with the one that answers."""
        return ProjectGuard(
            cast("dict[str, Any]", self.state),
            self.config["api_url"],
            self.logger.warning,
            meltano_job(os.environ),
        )

    def _close(self) -> None:
        if "api" in self.__dict__:
            self.api.client.close()
