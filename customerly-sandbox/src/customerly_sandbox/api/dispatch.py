"""From a request to its answer: faults, limits, the token, then the handler of its URL."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import unquote

from customerly_sandbox.api import urls
from customerly_sandbox.http import encoding
from customerly_sandbox.http.messages import ApiError, Response
from customerly_sandbox.scenario.faults import HTML

if TYPE_CHECKING:
    from customerly_sandbox.http.messages import Request
    from customerly_sandbox.project import Project

ROOT = "/v1"

_NO_TOKEN = "You must provide a valid header Authorization: Bearer <TOKEN>"
_BAD_TOKEN = "Access token not found."
_UNROUTED = {404: "Not found", 405: "Method not allowed"}


def answer(project: Project, request: Request) -> Response:
    """Answer a request, faults included, and log it."""
    fault = project.faults.draw(request)
    if fault is None:
        response = _own_answer(project, request)
    else:
        own = _own_answer(project, request) if fault.applied else None
        response = project.faults.answer(fault, own)
    path = request.path.rstrip("/")
    project.log.add(
        {
            "method": request.method,
            "path": path,
            "query": request.query,
            "status": response.status if response.delivery != "reset" else 0,
            "count": request.count,
            "fault": fault.fault if fault else None,
        },
        request.body,
        response.body,
    )
    if request.method == "GET" and path.endswith("/list"):
        project.mutations.after(path.partition("/")[0])
    if project.hook is not None:
        project.hook(request)
    return response


def _own_answer(project: Project, request: Request) -> Response:
    quirks = project.quirks
    if 0 < quirks.largest_body < len(request.body):
        return Response(HTML, 413, content_type="text/html")
    try:
        project.limits.take(quirks)
        _authorise(project, request)
        response = route(project, request)
        response.headers.update(project.limits.headers(quirks))
    except ApiError as error:
        body = encoding.error(error.message, error.status, quirks)
        return Response(body, error.status, error.headers)
    return response


def _authorise(project: Project, request: Request) -> None:
    """Raises ApiError unless the request carries the token, in today's or the legacy way."""
    given = request.headers.get("authorization", "")
    legacy = request.headers.get("authentication", "")
    scheme, _, token = given.partition(" ")
    if not given and legacy.startswith("AccessToken:"):
        scheme, token = "bearer", legacy.removeprefix("AccessToken:")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(_NO_TOKEN, project.quirks.bad_token_status)
    good = hmac.compare_digest(token.strip().encode(), project.token.encode())
    if project.revoke_after is not None:
        good = good and project.revoke_after > 0
        project.revoke_after -= 1
    if not good:
        raise ApiError(_BAD_TOKEN, project.quirks.bad_token_status)


def route(project: Project, request: Request) -> Response:
    """Answer a request that is authorised.

    Raises:
        ApiError: The answer is an error envelope.
    """
    trimmed = request.path.strip("/")
    final_slash = trimmed in urls.WITH_FINAL_SLASH
    if project.quirks.final_slash == "redirect" and request.path.endswith("/") != final_slash:
        return _redirect(request, f"{trimmed}/" if final_slash else trimmed)
    found = urls.find(request.method, trimmed)
    if isinstance(found, int):
        raise ApiError(_UNROUTED[found], found)
    handler, params = found
    request.params = tuple(map(unquote, params))
    return handler(project, request)


def _redirect(request: Request, path: str) -> Response:
    query = f"?{request.query_string}" if request.query_string else ""
    return Response(b"", 301, {"Location": f"{ROOT}/{path}{query}"})
