"""Teammates (docs/api-contract.md#the-rest)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import Request, Response
from customerly_sandbox.models.knowledge import ACCOUNTS

if TYPE_CHECKING:
    from customerly_sandbox.project import Project


def list_accounts(_project: Project, request: Request) -> Response:
    """The teammates."""
    request.count = len(ACCOUNTS)
    return Response(encoding.data(ACCOUNTS))
