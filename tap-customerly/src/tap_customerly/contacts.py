"""Users and leads: read without skipping, or listed or looked up as the settings say."""

from __future__ import annotations

from abc import abstractmethod
from itertools import islice
from typing import TYPE_CHECKING, Any

from customerly.errors import ContactMissing
from customerly.values import read_integer, read_moment, readable

from tap_customerly.paging import forward
from tap_customerly.pool import Pool
from tap_customerly.reading import Batch, Reader
from tap_customerly.schemas import CONTACT
from tap_customerly.streams import CustomerlyStream

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from customerly.api import Direction, Kind
    from singer_sdk.helpers.types import Context

    from tap_customerly.schemas.fields import Properties
    from tap_customerly.streams import Record

KEY = "crmhero_user_id"
CHANGED = "last_update"
_LISTED = "listed"


class ListedContacts(CustomerlyStream):
    """Contacts by their list, which shifts while it is read (wire contract, Lists)."""

    kind: Kind
    primary_keys = (KEY,)
    replication_key = CHANGED
    read_bookmark = staticmethod(read_moment)
    workers: int | None = None
    """List pages to fetch at once; by default as many as `max_concurrency` allows."""

    @abstractmethod
    def records(self, contacts: list[Record]) -> list[Record]:
        """Make records of listed contacts.

        Args:
            contacts: As they came.

        Returns:
            Clean records.
        """

    def page(self, page: int, per_page: int, descending: bool) -> list[Record]:
        """Fetch one page of the list, by `last_update`.

        Args:
            page: Counted from 0.
            per_page: Contacts a page.
            descending: Newest first.

        Returns:
            What the order of reading needs to know, and the contact as it came: so that cleaning
            one page overlaps with fetching the next.
        """
        direction: Direction = "desc" if descending else "asc"
        contacts = self.api.list_contacts(
            self.kind, page=page, per_page=per_page, sort=CHANGED, direction=direction
        )
        return [
            {
                KEY: readable(read_integer, contact.get(KEY)),
                CHANGED: readable(read_moment, contact.get(CHANGED)),
                _LISTED: contact,
            }
            for contact in contacts
        ]

    def declare(self, attributes: Properties) -> None:
        """Declare custom attributes in the stream's schema.

        Args:
            attributes: Attribute to field.
        """
        properties = self.schema["properties"]
        field = {**properties["attributes"], "properties": attributes}
        self._schema = {**self.schema, "properties": {**properties, "attributes": field}}

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:  # noqa: ARG002
        """Read all contacts, or what changed since the bookmark.

        Args:
            context: Unused.

        Yields:
            Batches.
        """
        for batch in self._read():
            contacts = [record[_LISTED] for record in batch.records]
            yield batch._replace(records=self.records(contacts))

    def _read(self) -> Iterator[Batch]:
        workers = self.workers or self.config["max_concurrency"]
        reader = Reader(self.page, self.config["page_size"], workers, self.warn)
        start = read_moment(self.config.get("start_date") or "")
        if not self.is_full_table:
            yield from reader.changes(self.saved(), start)
        elif start is None:
            yield from reader.everything()
        else:
            self.warn("start_date cuts this full-table read short: it can't tell what is gone")
            for batch in reader.changes(start=start):
                yield batch._replace(state=None)


class Contacts(ListedContacts):
    """Contacts, in place of whose list the settings can name a part or single ones."""

    record_schema = CONTACT

    def records(self, contacts: list[Record]) -> list[Record]:
        """Make records of listed contacts.

        Args:
            contacts: As they came.

        Returns:
            Clean records.
        """
        return [self.clean(contact) for contact in contacts]

    def batches(self, context: Context | None) -> Generator[Batch, None, None]:
        """Read what the settings `contacts` or `lists` name, else the whole list.

        Args:
            context: Unused.

        Yields:
            Batches; the settings' ones move no bookmark and are never a complete picture.
        """
        for setting, read in (("contacts", self._looked_up), ("lists", self._listed)):
            wanted = (self.config.get(setting) or {}).get(self.name)
            if wanted is not None:
                return read(wanted)
        return super().batches(context)

    def _looked_up(self, keys: list[dict[str, str]]) -> Generator[Batch, None, None]:
        """Look contacts up by address or user id, one request each."""
        places = dict(enumerate(keys))
        workers = self.config["max_concurrency"]
        with Pool(workers) as pool:
            looked_up = pool.map_in_order(lambda place: self._find(keys[place]), places, workers)
            for place, contact in looked_up:
                if contact is None:
                    self.warn(f"contacts.{self.name}[{place}] does not exist")
                else:
                    yield Batch([self.clean(contact)])

    def _find(self, key: Mapping[str, str]) -> Record | None:
        try:
            return self.api.get_contact(self.kind, **key)
        except ContactMissing:
            return None

    def _listed(self, listing: Mapping[str, Any]) -> Generator[Batch, None, None]:
        """Read the first contacts of a list in a given order."""
        limit = listing.get("limit")
        per_page = min(limit or self.config["page_size"], self.config["page_size"])

        def fetch(page: int) -> list[Record]:
            contacts = self.api.list_contacts(
                self.kind,
                page=page,
                per_page=per_page,
                sort=listing.get("sort", CHANGED),
                direction=listing.get("sort_direction", "asc"),
            )
            return [self.clean(contact) for contact in contacts]

        pages = forward(fetch, lambda rows: [row[KEY] for row in rows])
        contacts = islice((contact for page in pages for contact in page), limit)
        while batch := list(islice(contacts, per_page)):
            yield Batch(batch)


class Users(Contacts):
    """The project's users."""

    kind = "users"


class Leads(Contacts):
    """The project's leads."""

    kind = "leads"
