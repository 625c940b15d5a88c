"""The endpoints of the API, a method each, and every plausible form of their answers."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from customerly.answer_forms import BatchOutcome, items_of, outcome_of, single_of, tag_name
from customerly.calls import checked_headers, checked_method, host_path
from customerly.errors import ContactMissing, CustomerlyError, GaveUp, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from customerly.answers import Answer, Decode
    from customerly.client import Client

Kind = Literal["users", "leads"]
Direction = Literal["asc", "desc"]
Contact = dict[str, Any]
_NO_OBJECTS = frozenset({str, int, float, bool, list, type(None)})


class Api:
    """Customerly's API v1.

    Each method raises what `Client.request` raises.

    Args:
        client: Sends the requests.
    """

    def __init__(self, client: Client) -> None:
        self.client = client

    # --- reading -------------------------------------------------------------------------------

    def list_contacts(
        self,
        kind: Kind,
        *,
        page: int = 0,
        per_page: int = 100,
        sort: str = "last_update",
        direction: Direction = "asc",
        decode: Decode | None = None,
    ) -> list[Contact]:
        """Read one page of contacts (docs/api-contract.md#lists).

        Args:
            kind: `users` or `leads`.
            page: Counted from 0.
            per_page: Contacts a page, up to 100.
            sort: One field.
            direction: `asc` or `desc`.
            decode: Reads the contacts straight from the answer, where it can.

        Returns:
            The contacts as they came, or as `decode` read them; an empty list after the last page.

        Raises:
            GaveUp: The answer holds no list of contacts, also when asked again.
        """
        path = f"{kind}/list"
        query = {"page": page, "per_page": per_page, "sort": sort, "sort_direction": direction}
        try:
            answer = self.client.request("GET", path, query=query, expect=decode or "objects")
        except Refused as refused:
            if page and refused.status == HTTPStatus.NOT_FOUND:
                return []  # how some lists say that a page is past the end
            raise
        items = items_of(answer.data, kind)
        if items is None or not _NO_OBJECTS.isdisjoint(map(type, items)):
            raise GaveUp(f"GET {path}", "the answer holds no list of contacts", status=200)
        return items

    def get_contact(
        self, kind: Kind, *, email: str | None = None, user_id: str | None = None
    ) -> Contact:
        """Look one contact up (docs/api-contract.md#one-contact).

        Args:
            kind: `users` or `leads`.
            email: The contact's address, as it is.
            user_id: The customer's own key, for users; used where there is no address.

        Returns:
            The contact as it came.

        Raises:
            ContactMissing: There is no such contact.
        """
        data = self.client.request("GET", kind, query=_key(email, user_id)).data
        contact = single_of(data, kind)
        if contact is None:
            raise ContactMissing(f"GET {kind}", "the answer holds no contact", status=200)
        return contact

    def list_tags(self) -> list[str]:
        """List the names of all tags (docs/api-contract.md#tags).

        Returns:
            Bare names, each once, in the API's order; tags without a name are left out.

        Raises:
            GaveUp: The answer holds no list of tags.
        """
        return list(dict.fromkeys(filter(None, self.read_tags())))

    def read_tags(self) -> list[str]:
        """Read the list of tags, with those that have no readable name.

        Returns:
            A name for each item, in the API's order; empty where it has none.

        Raises:
            GaveUp: The answer holds no list of tags.
        """
        items = items_of(self.client.request("GET", "tags", expect="list").data, "tags")
        if items is None:
            raise GaveUp("GET tags", "the answer holds no list of tags", status=200)
        return [tag_name(item) for item in items]

    def list_accounts(self) -> list[dict[str, Any]]:
        """List the teammates (docs/api-contract.md#the-rest).

        Returns:
            Accounts as they came.
        """
        return self.list_objects("accounts/", "accounts")

    def list_collections(self) -> list[dict[str, Any]]:
        """List the knowledge base's collections (docs/api-contract.md#the-rest).

        Returns:
            Collections as they came.
        """
        return self.list_objects("knowledge/collections", "collections")

    def list_articles(
        self, collection_id: int | str, *, page: int = 0, per_page: int = 100
    ) -> list[dict[str, Any]]:
        """Read a page of one collection's articles (docs/api-contract.md#the-rest).

        Args:
            collection_id: `knowledge_base_collection_id`.
            page: Counted from 0.
            per_page: Articles a page.

        Returns:
            Articles as they came.
        """
        query = {"knowledge_base_collection_id": collection_id, "page": page, "per_page": per_page}
        return self.list_objects("knowledge/articles/", "articles", query=query)

    def list_writers(self) -> list[dict[str, Any]]:
        """List the knowledge base's writers (docs/api-contract.md#the-rest).

        Returns:
            Writers as they came.
        """
        return self.list_objects("knowledge/writers", "writers")

    def list_objects(
        self, path: str, name: str, *, query: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Read any list of objects.

        Args:
            path: Relative to `api_url`.
            name: Key under which the list may be in `data`.
            query: Parameters.

        Returns:
            The objects as they came.

        Raises:
            GaveUp: The answer holds no list of objects.
        """
        items = items_of(self.client.request("GET", path, query=query, expect="objects").data, name)
        if items is None or not all(isinstance(item, dict) for item in items):
            raise GaveUp(f"GET {path}", "the answer holds no list of objects", status=200)
        return items

    def answers(self) -> bool:
        """Tell an outage from a poisoned request: does `GET /tags` answer now?

        Returns:
            True where the API answers, whatever it lists.

        Raises:
            TokenRefused: It does answer, but the token is refused by now.
        """
        try:
            self.client.request("GET", "tags")
        except GaveUp:
            return False
        return True

    # --- contacts ------------------------------------------------------------------------------

    def upsert_contacts(self, kind: Kind, contacts: Sequence[Contact]) -> BatchOutcome:
        """Create or update contacts (docs/api-contract.md#create-or-update).

        Args:
            kind: `users` or `leads`.
            contacts: Each with `email`, and what else is to be set; no address twice.

        Returns:
            Which of them were not stored.
        """
        answer = self.client.request("POST", kind, body={kind: list(contacts)}, expect="outcome")
        return outcome_of(answer.data, contacts)

    def delete_contact(
        self, kind: Kind, *, email: str | None = None, user_id: str | None = None
    ) -> None:
        """Delete one contact for ever (docs/api-contract.md#one-contact).

        Args:
            kind: `users` or `leads`.
            email: The contact's address, as it is.
            user_id: The customer's own key, for users; used where there is no address.

        Raises:
            ContactMissing: There is no such contact (any more).
        """
        self.client.request("DELETE", kind, query=_key(email, user_id))

    def unsubscribe(self, user_id: str) -> None:
        """Unsubscribe a user (docs/api-contract.md#create-or-update).

        Args:
            user_id: The customer's own key.

        Raises:
            ContactMissing: There is no such user.
        """
        self.client.request("POST", f"users/unsubscribe/{quote(str(user_id), safe='')}")

    # --- tags ----------------------------------------------------------------------------------

    def tag(
        self,
        tag: str,
        *,
        users: Sequence[Mapping[str, str]] = (),
        leads: Sequence[Mapping[str, str]] = (),
        untag: bool = False,
    ) -> BatchOutcome:
        """Tie a tag to contacts, or untie it (docs/api-contract.md#tags).

        Args:
            tag: The tag's name; one that does not exist is created.
            users: Each `{"email": …}` or `{"user_id": …}`.
            leads: Each `{"email": …}`.
            untag: Untie instead.

        Returns:
            Which contacts the API says it left out, users counted first, then leads. The form of
            the answer is undocumented: one that names nobody proves nothing.
        """
        body = {"tag": tag, "users": list(users), "leads": list(leads), "untag": untag}
        data = self.client.request("POST", "tags", body=body).data
        # A count may leave out those that had the tag already, so it says nothing here.
        return outcome_of(data, [*users, *leads], count_decides=False)

    def delete_tag(self, tag: str) -> None:
        """Drop a tag everywhere (docs/api-contract.md#tags).

        Args:
            tag: The tag's name.
        """
        self.client.request("DELETE", "tags", body={"tag": tag})

    # --- the rest ------------------------------------------------------------------------------

    def upsert_company(
        self,
        company_id: str,
        *,
        name: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """Set a company's name and attributes (docs/api-contract.md#create-or-update).

        Args:
            company_id: The customer's own key of the company; it is sent in the path.
            name: The company's name; None leaves it alone.
            attributes: Custom attributes.
        """
        body: dict[str, Any] = {"attributes": dict(attributes or {})}
        if name is not None:
            body["company_name"] = name
        self.client.request(
            "POST", f"company/add-attributes/{quote(str(company_id), safe='')}", body=body
        )

    def add_to_company(self, member: Mapping[str, Any]) -> None:
        """Make a user a member of a company (docs/api-contract.md#create-or-update).

        Args:
            member: `company_id`, `company_name`?, `company_attributes`?, and one of `user_id`,
                `email`, `internal_user_id`.
        """
        self.client.request("POST", "users/add-to-company", body=dict(member))

    def send_message(self, message: Mapping[str, Any]) -> None:
        """Send a message, once (docs/api-contract.md#the-rest).

        Args:
            message: `from`, `to`, `content`, `attachments`.

        Raises:
            OutcomeUnclear: It may or may not have been sent; it is not sent again.
        """
        self.client.request("POST", "messages", body=dict(message), repeatable=False)

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        repeatable: bool = False,
    ) -> Answer:
        """Make any authorised call to the API's own host, once unless it is repeatable.

        Args:
            method: As `GET`.
            path: Relative to the API's host, as `/v1/users/list`; it can hold a query.
            headers: Further headers; the authorisation is added here.
            query: Parameters.
            body: Sent as JSON where it is not None.
            repeatable: Whether it does no harm to send it again where it fails.

        Returns:
            The answer, JSON or not.

        Raises:
            ConfigError: The method, path or a header is one that must not be sent.
            OutcomeUnclear: It may or may not have been applied; it is not sent again.
        """
        return self.client.request(
            checked_method(method),
            host_path(path),
            headers=checked_headers(headers),
            query=query,
            body=body,
            repeatable=repeatable,
            expect="anything",
        )


def _key(email: str | None, user_id: str | None) -> dict[str, str]:
    if email:
        return {"email": email}
    if user_id:
        return {"user_id": str(user_id)}
    raise CustomerlyError("A contact is looked up by an e-mail address or a user id: give one")
