"""Messages and calls: each is sent at most once a run."""

from __future__ import annotations

from customerly.calls import checked_headers, checked_method, host_path
from customerly.errors import ConfigError
from typing_extensions import override

from target_customerly.intake import values
from target_customerly.intake.json_cells import json_object, json_value
from target_customerly.intake.resources.base import Context, Resource, text_of
from target_customerly.intake.values import BadValue, is_empty
from target_customerly.operations import Operation, Origin, Record


class Messages(Resource):
    """Messages, each sent at most once a run."""

    name = "messages"
    key = ("to",)
    operations = ("send",)
    fields = ("from", "to", "content", "attachments")

    @override
    def operation(
        self,
        origin: Origin,
        name: str,
        fields: Record,
        attributes: Record,
        context: Context,
    ) -> Operation:
        for field in ("from", "to", "content"):
            if is_empty(fields.get(field)):
                raise BadValue(f"{field}: is missing")
        to = json_object("to", fields["to"])
        attachments = fields.get("attachments")
        attachments = [] if is_empty(attachments) else json_value("attachments", attachments)
        if not isinstance(attachments, list):
            raise BadValue(f"attachments: must be a list, and is {values.form_of(attachments)}")
        body = {
            "from": json_object("from", fields["from"]),
            "to": to,
            "content": values.text("content", fields["content"]),
            "attachments": attachments,
        }
        email, user_id = text_of(to, "email"), text_of(to, "user_id")
        keys = context.keys
        made = keys.contact(email, user_id) if email or user_id else keys.everything()
        return Operation(origin, name, "send_message", made, body=body)


class ApiCalls(Resource):
    """Any authorised call, each made at most once a run."""

    name = "api_calls"
    key = ("url",)
    operations = ("call",)
    fields = ("method", "url", "headers", "query", "body")

    @override
    def operation(
        self,
        origin: Origin,
        name: str,
        fields: Record,
        attributes: Record,
        context: Context,
    ) -> Operation:
        url = fields.get("url")
        if is_empty(url):
            raise BadValue("url: is missing: a path on the API's host, as /v1/users/list")
        body = fields.get("body")
        try:
            call = {
                "method": checked_method(text_of(fields, "method") or "GET"),
                "path": host_path(values.text("url", url).strip()),
                "headers": checked_headers(json_object("headers", fields.get("headers"))),
                "query": json_object("query", fields.get("query")),
                "body": None if is_empty(body) else json_value("body", body),
            }
        except ConfigError as error:
            raise BadValue(str(error)) from None
        return Operation(origin, name, "call", context.keys.everything(), body=call)
