"""Tags."""

from __future__ import annotations

from typing_extensions import override

from target_customerly import values
from target_customerly.operations import Operation, Origin, Record
from target_customerly.resources.base import Context, Resource, contact_of
from target_customerly.values import BadValue, is_empty


class Tags(Resource):
    """Tags, tied to a contact, taken off one, made or deleted."""

    name = "tags"
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
        tag = values.tag(column, fields[column])
        email, user_id = contact_of(fields)
        if not email and not user_id:
            return self._of_the_tag(origin, name, tag, context)
        kind = self._kind(fields, email)
        return Operation(
            origin,
            name,
            "tag" if name == "tag" else "untag",
            context.keys.contact(email, user_id, [tag]),
            kind,
            email,
            user_id,
            group=(tag,),
        )

    def _of_the_tag(self, origin: Origin, name: str, tag: str, context: Context) -> Operation:
        if name == "untag":
            raise BadValue("email: is missing, so nobody knows which contact to untag")
        body = {"tag": tag}
        if name == "delete":
            made = context.keys.delete_tag(tag)
            return Operation(origin, name, "delete_tag", made, body=body)
        made = context.keys.contact(None, None, [tag])
        return Operation(origin, name, "make_tag", made, body=body)

    def _kind(self, fields: Record, email: str | None) -> str:
        given = fields.get("contact_type")
        kind = "user" if is_empty(given) else str(given).strip().lower()
        if kind not in {"user", "lead"}:
            raise BadValue("contact_type: must be user or lead")
        if kind == "lead" and not email:
            raise BadValue("email: is missing, and a lead is known by its address alone")
        return f"{kind}s"
