"""Any other list endpoint as a stream, from configuration alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from customerly.answer_forms import items_of
from customerly.calls import host_path
from customerly.errors import ConfigError

from tap_customerly.records.types import schema
from tap_customerly.streams.base import CustomerlyStream
from tap_customerly.streams.strategies import Listing, SingleAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tap_customerly.base import CustomerlyTap
    from tap_customerly.streams.strategies import Item, Strategy


class CustomStream(CustomerlyStream):
    """A stream of the setting `custom_streams`.

    Its fields are unknown: the primary keys are columns, as they come, and all else is in
    `additional_fields`.

    Args:
        tap: The tap.
        endpoint: One entry of the setting, checked.
    """

    def __init__(self, tap: CustomerlyTap, endpoint: Mapping[str, Any]) -> None:
        keys = tuple(endpoint.get("primary_keys") or ())
        kinds = ["string", "integer", "number"]
        fields = {key: {"type": kinds, "description": "Primary key, as it came"} for key in keys}
        what = f"What {endpoint['path']} lists"
        super().__init__(tap, schema(what, fields), endpoint["name"])
        self.primary_keys = keys
        self._endpoint = endpoint

    def strategy(self) -> Strategy:
        """Read page after page, or the one answer.

        Returns:
            The strategy.
        """
        if self._endpoint.get("paginated"):
            return Listing(self._page, msgspec.json.encode, self.config["page_size"])
        return SingleAnswer(lambda: self._items({}), self.completeness.last_rows)

    def _page(self, page: int, per_page: int) -> list[Item]:
        return self._items({"page": page, "per_page": per_page})

    def _items(self, paging: Mapping[str, int]) -> list[Item]:
        """Send a request.

        Raises:
            ConfigError: None of the records has a primary key, or there is no list.
        """
        query = {**(self._endpoint.get("query") or {}), **paging}
        path = self._endpoint["path"]
        safe = host_path("/" + path.removeprefix("/"))
        answer = self.api.client.request(
            "GET", safe if path.startswith("/") else safe[1:], query=query, expect="json"
        )
        found = self._found(answer.body, answer.data)
        items = [item if isinstance(item, dict) else {"value": item} for item in found]
        self._check_keys(items)
        return items

    def _found(self, body: object, data: object) -> list[Any]:
        """Find the records at `records_path`, from the body's top or from `data`."""
        path = (self._endpoint.get("records_path") or "").removeprefix("$").replace("[*]", "")
        steps = [step for step in path.split(".") if step]
        if not steps:
            return self._as_list(items_of(data, *(data if isinstance(data, dict) else ())), data)
        for start in (body, data):
            found: object = start
            for step in steps:
                found = found.get(step) if isinstance(found, dict) else None
            if found is not None:
                return self._as_list(items_of(found), found)
        raise ConfigError(f"custom_streams: {self.name}: the answer has nothing at records_path")

    def _as_list(self, items: list[Any] | None, found: object) -> list[Any]:
        if items is not None:
            return items
        if isinstance(found, dict):
            return [found]
        raise ConfigError(f"custom_streams: {self.name}: the answer holds no records")

    def _check_keys(self, items: list[Item]) -> None:
        for key in self.primary_keys:
            if items and not any(item.get(key) is not None for item in items):
                raise ConfigError(
                    f"custom_streams: {self.name}: no record has the primary key {key}"
                )
