"""The table of control routes, and the dispatcher: no token is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from customerly_sandbox.control import behaviour, contents, ui
from customerly_sandbox.http.encoding import encode
from customerly_sandbox.http.messages import ApiError, Request, Response

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.fields import Record
    from customerly_sandbox.project import Project

ROOT = "/_sandbox"


def hello(project: Project, _body: Record, _query: Record) -> object:
    """That it is there, and how much it holds."""
    routes = [f"{method} {name}" for method, name in ROUTES]
    changes = [project.log.total, project.store.history.total, project.store.moments]
    return {
        "sandbox": "customerly",
        **contents.sizes(project),
        "now": project.store.clock.now(),
        "changes": changes,
        "routes": routes,
    }


ROUTES: dict[tuple[str, str], Callable[[Project, Record, Record], object]] = {
    ("GET", ""): hello,
    ("POST", "reset"): contents.reset,
    ("POST", "seed"): contents.seed,
    ("GET", "state"): contents.state,
    ("GET", "contacts"): contents.contacts,
    ("GET", "tags"): contents.tags,
    ("GET", "requests"): contents.requests,
    ("GET", "exchanges"): contents.exchanges,
    ("DELETE", "requests"): contents.clear_requests,
    ("GET", "history"): contents.history,
    ("GET", "quirks"): behaviour.quirks,
    ("POST", "quirks"): behaviour.set_quirks,
    ("GET", "faults"): behaviour.faults,
    ("POST", "faults"): behaviour.add_fault,
    ("DELETE", "faults"): behaviour.clear_faults,
    ("POST", "poison"): behaviour.poison,
    ("POST", "reject"): behaviour.reject,
    ("POST", "token"): behaviour.token,
    ("GET", "mutations"): behaviour.mutations,
    ("POST", "mutations"): behaviour.set_mutations,
    ("GET", "clock"): contents.clock,
    ("POST", "clock"): contents.set_clock,
    ("POST", "latency"): behaviour.latency,
    ("GET", "webhooks"): behaviour.webhooks,
    ("POST", "webhooks"): behaviour.add_webhook,
    ("DELETE", "webhooks"): behaviour.clear_webhooks,
}


def _is_from_elsewhere(request: Request) -> bool:
    """Whether a browser sends it for another site: those may not change what runs here."""
    return request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def answer(project: Project, request: Request) -> Response:
    """Answer a control request; what cannot be done is a 400 that says why."""
    if _is_from_elsewhere(request):
        return Response(encode({"error": "not for a page of another site"}), 403)
    name = request.path.strip("/")
    if request.method == "GET" and name in ui.FILES:
        return ui.file(name)
    route = ROUTES.get((request.method, name))
    if route is None:
        return Response(encode({"error": "no such control route", "routes": list(ROUTES)}), 404)
    try:
        return Response(encode(route(project, request.json(), request.query)))
    except (ValueError, ApiError) as error:
        return Response(encode({"error": str(error)}), 400)
