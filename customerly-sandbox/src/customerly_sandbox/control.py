"""The control routes: under a prefix that the real API does not have, without a token."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from customerly_sandbox import quirks, views
from customerly_sandbox.bodies import ClockChange, Latency, Names, Refusals, Sizes, Token, read
from customerly_sandbox.calls import ApiError, Call, Reply
from customerly_sandbox.faults import EFFECTS
from customerly_sandbox.mutations import Plan
from customerly_sandbox.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_sandbox.fields import Record
    from customerly_sandbox.service import Service


def _hello(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """That it is there, and how much it holds."""
    store = service.store
    return {
        "sandbox": "customerly",
        **{kind: len(order) for kind, order in store.orders.items()},
        "tags": len(store.tags),
        "routes": [f"{method} {name}" for method, name in ROUTES],
    }


def _reset(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Back to the start, or with other `users`, `leads`, `seed`, `bulk`, `undated`, `quirks`."""
    wanted = read(Sizes, body)
    population = replace(service.settings.population, **wanted.given())
    service.reset(population, service.settings.quirks.changed(wanted.quirks))
    return _hello(service, {}, {})


def _seed(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Another population; quirks, faults and logs stay."""
    wanted = read(Sizes, body)
    service.seed(replace(service.store.population, **wanted.given()))
    return _hello(service, {}, {})


def _state(service: Service, _body: Record, query: Record) -> Any:  # noqa: ANN401
    """Everything, in documented forms; `?only=users` for a part."""
    if "only" in query:
        return views.dump(service.store, query["only"])
    return {name: views.dump(service.store, name) for name in views.PARTS}


def _requests(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """The requests, oldest first, and their counts."""
    return {**service.log.summary(), "requests": service.log.entries()}


def _clear_requests(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Count anew."""
    service.log.clear()
    return service.log.summary()


def _history(service: Service, _body: Record, query: Record) -> Any:  # noqa: ANN401
    """What was applied, in order; `?email=…` or any other field for a part."""
    return service.store.history.entries(**query)


def _quirks(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Every quirk: value, default, choices, description."""
    return [{**row, "value": getattr(service.quirks, row["name"])} for row in quirks.table()]


def _set_quirks(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Change some: `{"ties": "id"}`."""
    service.set_quirks(body)
    return asdict(service.quirks)


def _faults(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """The rules in force, and the faults that there are."""
    return {
        "rules": [rule.told() for rule in service.faults.rules],
        "poison": sorted(service.faults.poisoned),
        "reject": service.faults.rejected,
        "faults": {name: effect.about for name, effect in EFFECTS.items()},
    }


def _add_fault(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Add a rule: `{"fault": "rate_limit", "path": "users/*", "times": 2, "retry_after": 1}`."""
    return service.faults.add(body).told()


def _clear_faults(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """No faults, poison or refusals any more."""
    service.faults.clear()
    return {}


def _poison(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Requests naming one of `names` answer 500, for ever."""
    service.faults.poison(read(Names, body).names)
    return sorted(service.faults.poisoned)


def _reject(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Refuse the addresses `emails`, for `reason`, in `writes`: upsert, tag, delete."""
    wanted = read(Refusals, body)
    service.faults.reject(wanted.emails, wanted.reason, wanted.writes)
    return service.faults.rejected


def _token(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Accept another `token`, or revoke it after `revoke_after` requests."""
    wanted = read(Token, body)
    service.token = wanted.token or service.token
    service.revoke_after = wanted.revoke_after
    return {"revoke_after": service.revoke_after}


def _mutations(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """What changes after each list request."""
    return service.mutations.told()


def _set_mutations(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Set it: `rate`, `deletes`, `updates`, `inserts`, `where`, `spare`, `seed`."""
    service.mutations.set(read(Plan, body))
    return service.mutations.told()


def _clock(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """What time it is in the sandbox."""
    clock = service.store.clock
    return {"now": clock.now(), "virtual": clock.virtual, "step": clock.step}


def _set_clock(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """`advance` by seconds, `set` to UNIX seconds, `virtual`: true or false, `step`."""
    wanted, clock = read(ClockChange, body), service.store.clock
    clock.virtual = clock.virtual if wanted.virtual is None else wanted.virtual
    clock.step = clock.step if wanted.step is None else wanted.step
    if wanted.set is not None:
        clock.set(wanted.set)
    clock.advance(wanted.advance)
    return _clock(service, {}, {})


def _latency(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Wait `ms` before each answer."""
    service.latency = read(Latency, body).ms / 1000
    return {"ms": service.latency * 1000}


def _webhooks(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """The registered URLs, and the last deliveries."""
    return service.webhooks.told()


def _add_webhook(service: Service, body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Register a `url`, with `events`, `twice`, `late`, `delay`, `seed`."""
    return asdict(service.webhooks.add(body))


def _clear_webhooks(service: Service, _body: Record, _query: Record) -> Any:  # noqa: ANN401
    """Forget the URLs."""
    service.webhooks.clear()
    return {}


ROUTES: dict[tuple[str, str], Callable[[Service, Record, Record], Any]] = {
    ("GET", ""): _hello,
    ("POST", "reset"): _reset,
    ("POST", "seed"): _seed,
    ("GET", "state"): _state,
    ("GET", "requests"): _requests,
    ("DELETE", "requests"): _clear_requests,
    ("GET", "history"): _history,
    ("GET", "quirks"): _quirks,
    ("POST", "quirks"): _set_quirks,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "poison"): _poison,
    ("POST", "reject"): _reject,
    ("POST", "token"): _token,
    ("GET", "mutations"): _mutations,
    ("POST", "mutations"): _set_mutations,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _set_clock,
    ("POST", "latency"): _latency,
    ("GET", "webhooks"): _webhooks,
    ("POST", "webhooks"): _add_webhook,
    ("DELETE", "webhooks"): _clear_webhooks,
}


def answer(service: Service, call: Call) -> Reply:
    """Answer a control request; what cannot be done is a 400 that says why."""
    route = ROUTES.get((call.method, call.path.strip("/")))
    if route is None:
        return Reply(encode({"error": "no such control route", "routes": list(ROUTES)}), 404)
    try:
        return Reply(encode(route(service, call.json(), call.query)))
    except (ValueError, ApiError) as error:
        return Reply(encode({"error": str(error)}), 400)
