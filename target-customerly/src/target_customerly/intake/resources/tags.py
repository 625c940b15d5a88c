"""Tags."""

from __future__ import annotations

from typing_extensions import override

from target_customerly.intake import values
from target_customerly.intake.resources.base import Context, Resource, contact_of
from target_customerly.intake.tag_cells import read_tag
from target_customerly.intake.values import BadValue, is_empty
from target_customerly.operations import Collection, Operation, Origin, Record


class Tags(Resource):
    """Tags, tied to a contact, taken off one, made or deleted."""

    name = "tags"
    key = ("tag", "name")
    operations = ("tag", "untag", "delete")
    fields = ("tag", "name", "email", "user_id", "contact_type", "untag")

    @override
    def chosen(self, fields: Record, default: str) -> str:
        if is_empty(fields.get("_operation")) and is_empty(fields.get("_sdc_deleted_at")):
            untag = fields.get("untag")
            if not is_empty(untag) and default != "delete":
                return "untag" if values.flag("untag", untag) else "tag"
        return super().chosen(fields, default)

    @override
    def operation(
        self,
        origin: Origin,
        name: str,
        fields: Record,
        attributes: Record,
        context: Context,
    ) -> Operation:
        column = "tag" if not is_empty(fields.get("tag")) else "name"
        if is_empty(fields.get(column)):
            raise BadValue("tag: is missing")
        tag = read_tag(column, fields[column])
        email, user_id = contact_of(fields)
        if not email and not user_id:
            return self._of_the_tag(origin, name, tag, context)
        collection = self._collection(fields, email)
        return Operation(
            origin,
            name,
            "tag" if name == "tag" else "untag",
            context.keys.contact(email, user_id, [tag]),
            collection,
            email,
            user_id,
            tag=tag,
        )

    def _of_the_tag(self, origin: Origin, name: str, tag: str, context: Context) -> Operation:
        if name == "untag":
            raise BadValue("email: is missing, so nobody knows which contact to untag")
        if name == "delete":
            made = context.keys.delete_tag(tag)
            return Operation(origin, name, "delete_tag", made, body={"tag": tag})
        made = context.keys.contact(None, None, [tag])
        return Operation(origin, name, "make_tag", made, body={"tag": tag})

    def _collection(self, fields: Record, email: str | None) -> Collection:
        given = fields.get("contact_type")
        contact_type = "user" if is_empty(given) else str(given).strip().lower()
        if contact_type not in {"user", "lead"}:
            raise BadValue("contact_type: must be user or lead")
        if contact_type == "user":
            return "users"
        if not email:
            raise BadValue("email: is missing, and a lead is known by its address alone")
        return "leads"
