"""Users and leads: read without skipping, or listed or looked up as the settings say."""

from __future__ import annotations

from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from customerly.errors import ContactMissing
from customerly.values import read_integer, read_moment, readable

from tap_customerly.pagination import Pool, Reader, Row, threads_for
from tap_customerly.records.attributes import as_columns, declared, types_in, widened
from tap_customerly.records.contact import CHANGED, CONTACT, KEY, PROJECT
from tap_customerly.records.typed import PageDecoder
from tap_customerly.streams.base import CustomerlyStream
from tap_customerly.streams.strategies import (
    FullTable,
    FullTableFrom,
    Incremental,
    Listing,
    LookUps,
    Restarting,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from customerly.answers import Decode
    from customerly.api import Direction, Kind

    from tap_customerly.streams.strategies import Item, Strategy


_key = attrgetter(KEY)


class ContactStream(CustomerlyStream):
    """Contacts by their list, which shifts while it is read (docs/api-contract.md#lists)."""

    kind: Kind
    primary_keys = (KEY,)
    replication_key = CHANGED
    read_bookmark = staticmethod(read_moment)
    list_concurrency: int | None = None
    """List pages to fetch at once; by default as many as `max_concurrency` allows."""

    def declare(self, types: Mapping[str, str]) -> dict[str, Any] | None:
        """Declare custom attributes in the schema in force.

        Args:
            types: Attribute to JSON type.

        Returns:
            The schema; None where it has no attributes.
        """
        schema = self.effective_schema
        properties = schema.get("properties", {})
        if "attributes" not in properties:
            return None
        field = {**properties["attributes"], "properties": declared(types)}
        self._schema = self._input_schema = {
            **schema,
            "properties": {**properties, "attributes": field},
        }
        return self._schema

    def join_attributes(self) -> dict[str, Any] | None:
        """Declare the attributes of this run's sample and of earlier runs, and remember them.

        Returns:
            The schema; None where it has no attributes.
        """
        field = self.effective_schema.get("properties", {}).get("attributes", {})
        found = types_in(field.get("properties", {}))
        before = self.stream_state.get("attributes") if self.selected else None
        if self.config.get("flattening_enabled"):
            types = as_columns(before, found, "attributes" + self._separator)
        else:
            types = widened(before, found)
        if self.selected:
            self.stream_state["attributes"] = types
        return self.declare(types)

    @property
    def _separator(self) -> str:
        return self.config.get("flattening_separator") or "__"

    def strategy(self) -> Strategy:
        """Choose between what the settings name, the changes, and everything.

        Returns:
            The strategy.
        """
        config = self.config
        if (keys := (config.get("contacts") or {}).get(self.name)) is not None:
            return LookUps(self._find, keys, config["max_concurrency"], self._warn_of_missing)
        if (listing := (config.get("lists") or {}).get(self.name)) is not None:
            return self._listing(listing)
        start = read_moment(config.get("start_date") or "")
        if not self.is_full_table:
            return Restarting(
                lambda: Incremental(self._reader(), self.saved(), start, config["lookback"])
            )
        if start is None:
            return Restarting(lambda: FullTable(self._reader()))
        self.warn("start_date cuts this full-table read short: it can't show what is gone")
        return FullTableFrom(self._reader(), start)

    @property
    def _page_size(self) -> int:
        """Contacts to ask for a page: no more than a page is known to hold."""
        size: int = self.config["page_size"]
        return min(size, self._tap.facts.per_page_cap or size)

    def _reader(self) -> Reader:
        concurrency = self.list_concurrency or self.config["max_concurrency"]
        pool = Pool(threads_for(concurrency))
        return Reader(self._page, self._page_size, concurrency, self.warn, pool=pool)

    def _page(self, page: int, per_page: int, descending: bool) -> list[Row]:
        """Fetch one page of the list, by `last_update`."""
        direction: Direction = "desc" if descending else "asc"
        contacts = self.api.list_contacts(
            self.kind,
            page=page,
            per_page=per_page,
            sort=CHANGED,
            direction=direction,
            decode=self._decode,
        )
        rows = _rows(contacts)
        self._tap.project.recognise(_project(contact) for contact in contacts)
        return rows

    @cached_property
    def _decode(self) -> Decode | None:
        """Reads pages straight into records, where they leave as they are."""
        is_plain = self.leaves_as_it_is and self.effective_schema == CONTACT == self.record_schema
        return PageDecoder(self.kind) if is_plain else None

    def records(self, items: list[Any]) -> list[Any]:
        """Make records of contacts.

        Args:
            items: As they came, or as they were read straight from an answer.

        Returns:
            Clean records.
        """
        return [self.clean(item) if item.__class__ is dict else item for item in items]

    def _listing(self, listing: Mapping[str, Any]) -> Listing:
        def fetch(page: int, per_page: int) -> list[Item]:
            return self.api.list_contacts(
                self.kind,
                page=page,
                per_page=per_page,
                sort=listing.get("sort", CHANGED),
                direction=listing.get("sort_direction", "asc"),
            )

        def identify(page: list[Item]) -> tuple[str, ...]:
            return tuple(str(contact.get(KEY)) for contact in page)

        return Listing(fetch, identify, self._page_size, listing.get("limit"))

    def _find(self, key: Mapping[str, str]) -> Item | None:
        try:
            return self.api.get_contact(self.kind, **key)
        except ContactMissing:
            return None

    def _warn_of_missing(self, place: int) -> None:
        self.warn(f"contacts.{self.name}[{place}] does not exist")


def _rows(contacts: list[Any]) -> list[Row]:
    """Put contacts, dicts or structs made at run time, in their places."""
    if dict in map(type, contacts):
        return [_row(contact) for contact in contacts]
    moments = [contact.last_update or "" for contact in contacts]
    return list(map(Row._make, zip(map(_key, contacts), moments, contacts, strict=True)))


def _row(contact: Any) -> Row:  # noqa: ANN401
    if contact.__class__ is not dict:
        return Row(_key(contact), contact.last_update or "", contact)
    changed = readable(read_moment, contact.get(CHANGED)) or ""
    key = readable(read_integer, contact.get(KEY))
    return Row(_content_key(contact) if key is None else key, changed, contact)


def _content_key(contact: Item) -> str:
    """Tell a contact without its key from others by what it holds, which a log must not show."""
    return f"without {KEY} #{hash(repr(contact)):x}"


def _project(contact: Any) -> object:  # noqa: ANN401
    return contact.get(PROJECT) if contact.__class__ is dict else contact.app_id


class Users(ContactStream):
    """The project's users."""

    kind = "users"
    record_schema = CONTACT


class Leads(ContactStream):
    """The project's leads."""

    kind = "leads"
    record_schema = CONTACT
