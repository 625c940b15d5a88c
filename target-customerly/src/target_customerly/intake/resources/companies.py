"""Companies and their members."""

from __future__ import annotations

from typing_extensions import override

from target_customerly.intake import values
from target_customerly.intake.resources.base import Context, Resource, contact_of, key_of
from target_customerly.intake.values import BadValue, is_empty
from target_customerly.operations import Operation, Origin, Record


class Companies(Resource):
    """Companies, by the customer's own key."""

    name = "companies"
    key = ("company_id",)
    operations = ("upsert",)
    fields = ("company_id", "company_name", "attributes")
    has_attributes = True

    @override
    def operation(
        self, origin: Origin, name: str, fields: Record, attributes: Record, context: Context
    ) -> Operation:
        body = _company(fields)
        body["attributes"] = attributes
        made = context.keys.company(body["company_id"])
        return Operation(origin, name, "set_company", made, body=body)


class CompanyMembers(Resource):
    """Users as members of companies."""

    name = "company_members"
    key = ("company_id",)
    operations = ("upsert",)
    fields = (
        "company_id",
        "company_name",
        "attributes",
        "user_id",
        "email",
        "internal_user_id",
    )
    has_attributes = True

    @override
    def operation(
        self, origin: Origin, name: str, fields: Record, attributes: Record, context: Context
    ) -> Operation:
        body = _company(fields)
        email, user_id = contact_of(fields)
        internal = key_of(fields, "internal_user_id")
        if attributes:
            body["company_attributes"] = attributes
        key = next(
            (
                (field, value)
                for field, value in (
                    ("email", email),
                    ("user_id", user_id),
                    ("internal_user_id", internal),
                )
                if value
            ),
            None,
        )
        if key is None:
            raise BadValue("user_id: one of user_id, email and internal_user_id is needed")
        body[key[0]] = int(key[1]) if key[0] == "internal_user_id" and key[1].isdigit() else key[1]
        changes = body.keys() & {"company_name", "company_attributes"}
        made = context.keys.member(
            body["company_id"], email, user_id, internal, changes_company=bool(changes)
        )
        return Operation(origin, name, "add_member", made, body=body)


def _company(fields: Record) -> Record:
    company_id = key_of(fields, "company_id")
    if not company_id:
        raise BadValue("company_id: is missing")
    if is_empty(name := fields.get("company_name")):
        return {"company_id": company_id}
    return {"company_id": company_id, "company_name": values.name_of("company_name", name)}
