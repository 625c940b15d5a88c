"""Any other list endpoint as a stream, from configuration alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from customerly.answer_forms import items_of
from customerly.calls import host_path
from customerly.errors import ConfigError

from tap_customerly.paging import forward
from tap_customerly.reading import Batch
from tap_customerly.schemas.fields import schema
from tap_customerly.streams import CustomerlyStream

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from singer_sdk.helpers.types import Context

    from tap_customerly.streams import Record
    from tap_customerly.tap import TapCustomerly


class CustomStream(CustomerlyStream):
    """A stream of the setting `custom_streams`.

    Nobody told us its fields: the primary keys are columns, as they come, and all else is in
    `additional_fields`.

    Args:
        tap: The tap.
        endpoint: One entry of the setting, checked.
    """

    def __init__(self, tap: TapCustomerly, endpoint: Mapping[str, Any]) -> None:
        keys = tuple(endpoint.get("primary_keys") or ())
        kinds = ["string", "integer", "number"]
        fields = {key: {"type": kinds, "description": "Primary key, as it came"} for key in keys}
        super().__init__(tap, schema(fields), endpoint["name"])
        self.primary_keys = keys
        self._endpoint = endpoint

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:  # noqa: ARG002
        """Read the endpoint.

        Args:
            context: Unused.

        Yields:
            A batch a page; one answer that holds all is a complete picture.

        Raises:
            ConfigError: None of the first records has a primary key, or there is no list.
        """
        paginated = bool(self._endpoint.get("paginated"))
        pages = forward(self._page, _identity) if paginated else iter([self._page(None)])
        for page in pages:
            self._check_keys(page)
            yield Batch([self.clean(record) for record in page], complete=not paginated)

    def _page(self, page: int | None) -> list[Record]:
        query = dict(self._endpoint.get("query") or {})
        if page is not None:
            query |= {"page": page, "per_page": self.config["page_size"]}
        path = self._endpoint["path"]
        safe = host_path("/" + path.removeprefix("/"))
        answer = self.api.client.request(
            "GET", safe if path.startswith("/") else safe[1:], query=query, expect="json"
        )
        found = self._found(answer.body, answer.data)
        return [item if isinstance(item, dict) else {"value": item} for item in found]

    def _found(self, body: Any, data: Any) -> list[Any]:  # noqa: ANN401
        """Find the records at `records_path`, from the body's top or from `data`."""
        path = (self._endpoint.get("records_path") or "").removeprefix("$").replace("[*]", "")
        steps = [step for step in path.split(".") if step]
        if not steps:
            return self._as_list(items_of(data, *(data if isinstance(data, dict) else ())), data)
        for start in (body, data):
            found = start
            for step in steps:
                found = found.get(step) if isinstance(found, dict) else None
            if found is not None:
                return self._as_list(items_of(found), found)
        raise ConfigError(f"custom_streams: {self.name}: the answer has nothing at records_path")

    def _as_list(self, items: list[Any] | None, found: Any) -> list[Any]:  # noqa: ANN401
        if items is not None:
            return items
        if isinstance(found, dict):
            return [found]
        raise ConfigError(f"custom_streams: {self.name}: the answer holds no records")

    def _check_keys(self, page: list[Record]) -> None:
        for key in self.primary_keys:
            if page and not any(record.get(key) is not None for record in page):
                raise ConfigError(
                    f"custom_streams: {self.name}: no record has the primary key {key}"
                )


def _identity(rows: list[Record]) -> bytes:
    return msgspec.json.encode(rows)
