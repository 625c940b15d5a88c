"""What a plain tap looks like: the SDK's REST stream as its cookiecutter makes it, paged forward.

It is here to be measured against: `python benchmarks/read.py`.
"""

from __future__ import annotations

import decimal
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import Tap
from singer_sdk import typing as th
from singer_sdk.authenticators import BearerTokenAuthenticator
from singer_sdk.helpers.jsonpath import extract_jsonpath
from singer_sdk.pagination import BasePageNumberPaginator
from singer_sdk.streams import RESTStream
from tap_customerly.records.contact import CONTACT

if TYPE_CHECKING:
    from collections.abc import Iterable

    import requests
    from singer_sdk.helpers.types import Context

PAGE = 100


class Pages(BasePageNumberPaginator):
    """A short page is the last."""

    def has_more(self, response: requests.Response) -> bool:
        """Whether the page was full."""
        return len(response.json()["data"]["users"]) == PAGE


class Users(RESTStream[int]):
    """The project's users."""

    name = "users"
    path = "/users/list"
    primary_keys = ("crmhero_user_id",)
    records_jsonpath = "$.data.users[*]"
    schema = CONTACT  # type: ignore[assignment]

    @property
    def url_base(self) -> str:
        """Where the API is."""
        return str(self.config["api_url"])

    @property
    def authenticator(self) -> BearerTokenAuthenticator:
        """Sends the token."""
        return BearerTokenAuthenticator(token=self.config["access_token"])

    def get_new_paginator(self) -> Pages:
        """Count pages from 0."""
        return Pages(start_value=0)

    def parse_response(self, response: requests.Response) -> Iterable[dict[str, Any]]:
        """Find the records, as the cookiecutter does it."""
        body = response.json(parse_float=decimal.Decimal)
        yield from extract_jsonpath(self.records_jsonpath, input=body)

    def get_url_params(
        self,
        context: Context | None,  # noqa: ARG002
        next_page_token: int | None,
    ) -> dict[str, Any]:
        """Ask for the next page."""
        return {
            "page": next_page_token or 0,
            "per_page": PAGE,
            "sort": "last_update",
            "sort_direction": "asc",
        }


class PlainTap(Tap):
    """A tap with nothing but what it needs."""

    name = "tap-plain"
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("access_token", th.StringType, required=True),
        th.Property("api_url", th.StringType, required=True),
    ).to_dict()

    def discover_streams(self) -> list[Users]:
        """The one stream."""
        return [Users(self)]


if __name__ == "__main__":
    PlainTap.cli()
