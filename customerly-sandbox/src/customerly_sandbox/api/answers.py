"""Answers that several areas give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.fields import USERS, Record
from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import ApiError, Response

if TYPE_CHECKING:
    from customerly_sandbox.models.contact import Contact
    from customerly_sandbox.project import Project


def missing(project: Project, kind: str) -> ApiError:
    """The answer to an unknown contact."""
    quirks = project.quirks
    message = quirks.missing_contact_message if kind == USERS else quirks.lead_missing_message
    return ApiError(message, quirks.missing_contact_status)


def done(project: Project, message: str) -> Response:
    """The answer to a write whose answer is not documented."""
    forms: dict[str, Record] = {
        "message": {"data": {"message": message}},
        "true": {"data": True},
        "empty": {"data": []},
        "null": {"data": None},
        "bare": {"message": message},
    }
    return Response(encoding.encode(forms[project.quirks.done]))


def contact_of(project: Project, kind: str, key: Record) -> Contact:
    """The contact that a query or body names.

    Raises:
        ApiError: There is none.
    """
    found = project.store.named(kind, key)
    if found is None:
        raise missing(project, kind)
    return found
