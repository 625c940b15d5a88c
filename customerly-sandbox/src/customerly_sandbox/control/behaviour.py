"""How the sandbox behaves: quirks, faults, the token, latency, changes by others, webhooks."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from customerly_sandbox.control.bodies import Latency, Names, Refusals, Token
from customerly_sandbox.http.bodies import read
from customerly_sandbox.quirks import table
from customerly_sandbox.scenario.faults import EFFECTS

if TYPE_CHECKING:
    from customerly_sandbox.fields import Record
    from customerly_sandbox.project import Project


def quirks(project: Project, _body: Record, _query: Record) -> object:
    """Every quirk: value, default, choices, description."""
    return [{**row, "value": getattr(project.quirks, row["name"])} for row in table()]


def set_quirks(project: Project, body: Record, _query: Record) -> object:
    """Change some: `{"ties": "id"}`."""
    project.set_quirks(body)
    return asdict(project.quirks)


def faults(project: Project, _body: Record, _query: Record) -> object:
    """The rules in force, and the faults that there are."""
    return {
        "rules": [rule.as_given() for rule in project.faults.rules],
        "poison": sorted(project.faults.poisoned),
        "reject": project.faults.rejected,
        "faults": {name: effect.about for name, effect in EFFECTS.items()},
    }


def add_fault(project: Project, body: Record, _query: Record) -> object:
    """Add a rule: `{"fault": "rate_limit", "path": "users/*", "times": 2, "retry_after": 1}`."""
    return project.faults.add(body).as_given()


def clear_faults(project: Project, _body: Record, query: Record) -> object:
    """No faults, poison or refusals any more; `?fault=…` for one fault's rules alone."""
    if "fault" in query:
        project.faults.remove(query["fault"])
    else:
        project.faults.clear()
    return {}


def poison(project: Project, body: Record, _query: Record) -> object:
    """Requests naming one of `names` answer 500, for ever."""
    project.faults.poison(read(Names, body).names)
    return sorted(project.faults.poisoned)


def reject(project: Project, body: Record, _query: Record) -> object:
    """Refuse the addresses `emails`, for `reason`, in `writes`: upsert, tag, delete."""
    wanted = read(Refusals, body)
    project.faults.reject(wanted.emails, wanted.reason, wanted.writes)
    return project.faults.rejected


def token(project: Project, body: Record, _query: Record) -> object:
    """Accept another `token`, or revoke it after `revoke_after` requests."""
    wanted = read(Token, body)
    project.token = wanted.token or project.token
    project.revoke_after = wanted.revoke_after
    return {"revoke_after": project.revoke_after}


def mutations(project: Project, _body: Record, _query: Record) -> object:
    """What changes after each list request."""
    return project.mutations.summary()


def set_mutations(project: Project, body: Record, _query: Record) -> object:
    """Set it: `rate`, `deletes`, `updates`, `inserts`, `where`, `spare`, `seed`."""
    project.mutations.set(body)
    return project.mutations.summary()


def latency(project: Project, body: Record, _query: Record) -> object:
    """Wait `ms` before each answer."""
    project.latency = read(Latency, body).ms / 1000
    return {"ms": project.latency * 1000}


def webhooks(project: Project, _body: Record, _query: Record) -> object:
    """The registered URLs, and the last deliveries."""
    return project.webhooks.summary()


def add_webhook(project: Project, body: Record, _query: Record) -> object:
    """Register a `url`, with `events`, `twice`, `late`, `delay`, `seed`."""
    return asdict(project.webhooks.add(body))


def clear_webhooks(project: Project, _body: Record, _query: Record) -> object:
    """Forget the URLs."""
    project.webhooks.clear()
    return {}
