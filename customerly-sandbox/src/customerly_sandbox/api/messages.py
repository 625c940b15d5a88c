"""Messages (docs/api-contract.md#the-rest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.api.answers import contact_of
from customerly_sandbox.fields import LEADS, USERS
from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import ApiError, Request, Response

if TYPE_CHECKING:
    from customerly_sandbox.project import Project


def send_message(project: Project, request: Request) -> Response:
    """Send a message to a contact, who has to be there."""
    body = request.json()
    for name in ("from", "to"):
        if not isinstance(body.get(name), dict):
            message = f"The field {name} is required"
            raise ApiError(message, project.quirks.refusal_status)
    if not isinstance(body.get("content"), str) or not body["content"]:
        message = "The field content is required"
        raise ApiError(message, project.quirks.refusal_status)
    kind = LEADS if body["to"].get("type") == "lead" else USERS
    to = body["to"]
    key = {"internal_user_id": to["id"]} if "id" in to else to
    contact = contact_of(project, kind, key)
    now = project.store.clock.now()
    project.store.messages.append({"timestamp": now, **body})
    project.store.history.add("message", kind=contact.kind, email=contact.email, body=body)
    request.count = 1
    return Response(encoding.data({"timestamp": now}))
