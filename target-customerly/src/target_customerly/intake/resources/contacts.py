"""Users and leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from customerly.fields import CONTACT_FIELDS
from typing_extensions import override

from target_customerly.intake import values
from target_customerly.intake.resources.base import Context, Resource, contact_of
from target_customerly.intake.tag_cells import read_tags
from target_customerly.intake.values import BadValue, is_empty
from target_customerly.operations import Collection, Operation, Origin, Record

if TYPE_CHECKING:
    from collections.abc import Iterator


WRITTEN = (
    *("email", "user_id", "name", "tags", "attributes"),
    *("user_tags", "unsubscribe", "companies", "additional_fields"),
)
"""What can be written; the last ones are how the tap says it."""

READ_ONLY_FIELDS = frozenset(field.name for field in CONTACT_FIELDS) - frozenset(WRITTEN)
"""What the tap emits and nobody can write (docs/api-contract.md#fields-of-a-contact)."""

_OF_TAGS = frozenset({"tags", "user_tags", "additional_fields"})
"""Fields that can hold a contact's tags."""

WRITES = ("upsert", "insert", "update")
"""Operations that write a contact."""


class Contact(NamedTuple):
    """What a record says of a contact, as it goes out.

    Attributes:
        email: The address; None where it goes by user id alone.
        user_id: The customer's own key; None where there is none.
        name: The name; empty to clear it; None where the record says nothing of it.
        tags: Names to tie to the contact; None where the record says nothing of tags.
        attributes: Custom attributes.
    """

    email: str | None
    user_id: str | None
    name: str | None
    tags: list[str] | None
    attributes: Record


class Contacts(Resource):
    """What users and leads share."""

    collection: ClassVar[Collection]
    fields = WRITTEN
    is_contact = True
    has_attributes = True
    read_only = READ_ONLY_FIELDS

    @override
    def operation(
        self, origin: Origin, name: str, fields: Record, attributes: Record, context: Context
    ) -> Operation:
        email, user_id = contact_of(fields)
        self._require_key(email, user_id, name)
        if name not in WRITES:
            # An unsubscribe by address goes by an id in the end.
            made = context.keys.delete(email, user_id)
            return Operation(origin, name, name, made, self.collection, email, user_id)
        contact = Contact(
            email, user_id, _name(fields, context), _tags(fields, context), attributes
        )
        upsert = self.write(origin, name, contact, context)
        if "unsubscribe" in fields and not is_empty(fields["unsubscribe"]):
            upsert.unsubscribes = values.flag("unsubscribe", fields["unsubscribe"])
        if "companies" in fields:
            self._copy(upsert, fields, context)
        return upsert

    def write(self, origin: Origin, name: str, contact: Contact, context: Context) -> Operation:
        """Make the operation that writes a contact.

        Args:
            origin: Where the record came from.
            name: `upsert`, `insert` or `update`.
            contact: What is written.
            context: The run.

        Returns:
            The operation.
        """
        email, user_id, written, tags, attributes = contact
        body: Record = {"email": email}
        if user_id:
            body["user_id"] = user_id
        if written is not None:
            body["name"] = written
        if attributes:
            body["attributes"] = attributes
        if context.inlines_tags and (tags or (tags is not None and context.clears)):
            body["tags"] = tags
        keys = context.keys.upsert(email, user_id, tags or ())
        action = "find_and_upsert" if name == "upsert" and not email else name
        return Operation(origin, name, action, keys, self.collection, email, user_id, body, tags)

    @override
    def add_tag(self, operation: Operation, tag: str, context: Context) -> None:
        if operation.name not in WRITES:
            return
        if "tags" in operation.body:
            operation.body["tags"] = list(dict.fromkeys([*operation.body["tags"], tag]))
        elif operation.tags is not None and not context.inlines_tags:
            operation.tags = list(dict.fromkeys([*operation.tags, tag]))
        else:
            operation.also_tag = tag
        operation.keys = operation.keys.joined(context.keys.tied(tag))

    def _copy(self, upsert: Operation, fields: Record, context: Context) -> None:
        """Take in the companies that a copy of another project's contact has to write."""

    def _require_key(self, email: str | None, user_id: str | None, name: str) -> None:
        if not email and not user_id:
            raise BadValue(
                f"email: is missing, so nobody knows which contact to {name} (is a column of "
                "another name mapped to email, in streams.mapping?)"
            )


class Users(Contacts):
    """Users, by address or by the customer's own key."""

    name = collection = "users"
    key = ("email", "user_id")
    operations = (*WRITES, "delete", "unsubscribe")

    @override
    def _copy(self, upsert: Operation, fields: Record, context: Context) -> None:
        companies = fields.get("companies")
        if isinstance(companies, list) and companies:
            upsert.companies = tuple(_memberships(companies))
            for member in upsert.companies:
                joined = context.keys.member(
                    member["company_id"], None, None, changes_company=False
                )
                upsert.keys = upsert.keys.joined(joined)


class Leads(Contacts):
    """Leads, by address alone."""

    name = collection = "leads"
    key = ("email",)
    operations = (*WRITES, "delete")

    def _require_key(self, email: str | None, user_id: str | None, name: str) -> None:
        if not email:
            raise BadValue(f"email: is missing, and a lead is known by its address alone ({name})")
        super()._require_key(email, user_id, name)


def _name(fields: Record, context: Context) -> str | None:
    """Read a contact's name: None where the record says nothing of it."""
    given = fields.get("name")
    if not is_empty(given):
        return values.name_of("name", given)
    return "" if "name" in fields and context.clears else None


def _tags(fields: Record, context: Context) -> list[str] | None:
    """Read a contact's tags: None where the record says nothing of them."""
    if fields.keys().isdisjoint(_OF_TAGS):
        return None
    column = "tags" if "tags" in fields else "user_tags"
    more = fields.get("additional_fields")
    given = fields.get(column)
    if column not in fields and isinstance(more, dict) and isinstance(more.get(column), list):
        given = more[column]
    if is_empty(given):
        return [] if column in fields and context.clears else None
    return read_tags(column, given)


def _memberships(companies: list[Any]) -> Iterator[Record]:
    """Read a user's companies as the API lists them; their form is undocumented."""
    for company in companies:
        if not isinstance(company, dict):
            continue
        company_id = company.get("company_id") or company.get("id")
        if is_empty(company_id):
            continue
        member: Record = {"company_id": values.text("companies", company_id)}
        name = company.get("company_name") or company.get("name")
        if isinstance(name, str) and name:
            member["company_name"] = name
        attributes = company.get("attributes") or company.get("company_attributes")
        if isinstance(attributes, dict):
            member["company_attributes"] = attributes
        yield member
