"""The whole target against a model: the same records, applied one at a time by plain requests.

Streams of upserts, deletes, tags and untags over few contacts, so that nearly everything
conflicts; whatever nobody knows about the API is drawn at random, and so are faults.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from customerly_sandbox import Sandbox
from customerly_sandbox.quirks import table
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from target_customerly.ordering.conflicts import Holders

from tests.support.target import record, run_target, schema, state
from tests.target.reference import Reference, outcome

EMAILS = ("ada@example.com", "lin+news@example.com", "o'neil%40@exämple.org")
IDS = ("1", "2", "3")
TAGS = ("vip", "new, old? & more")

# What a quirk can be here. Left out is what would contradict what the contract does say.
_LEFT_OUT = {"inserted": {"created"}, "done": {"bare"}}
QUIRKS = {
    row["name"]: [
        choice for choice in row["choices"] if choice not in _LEFT_OUT.get(row["name"], ())
    ]
    for row in table()
    if row["choices"]
}
QUIRKS["largest_batch"] = [0, 1, 2, 5]

_email = st.builds(
    lambda email, upper: email.upper() if upper else email,
    st.sampled_from(EMAILS),
    st.sampled_from([False, False, False, True]),
)
_id = st.sampled_from(IDS)


def _fields(**optional: Any) -> Any:
    return st.fixed_dictionaries({}, optional=optional)


_details = _fields(
    name=st.sampled_from(["Ada", "Lin"]),
    plan=st.sampled_from(["pro", "free"]),
    tags=st.lists(st.sampled_from(TAGS), unique=True),
)
_key = st.one_of(st.fixed_dictionaries({"email": _email}), st.fixed_dictionaries({"user_id": _id}))
_by_email = st.fixed_dictionaries({"email": _email})


def _record(stream: str, *parts: Any, **fields: Any) -> Any:
    return st.tuples(
        st.just(stream), st.tuples(*parts).map(lambda all_: {**fields, **_merged(all_)})
    )


def _merged(parts: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {name: value for part in parts for name, value in part.items()}


_tag = st.fixed_dictionaries({"tag": st.sampled_from(TAGS)})
_operations = [
    _record("users", _by_email, _fields(user_id=_id), _details),
    _record("users", st.fixed_dictionaries({"user_id": _id}), _details),
    _record("leads", _by_email, _details),
    _record("users", _key, _operation="delete"),
    _record("leads", _by_email, _operation="delete"),
    _record("users", _key, _operation="unsubscribe"),
    _record("tags", _tag, _key),
    _record("tags", _tag, _key, untag=True),
    _record("tags", _tag, _by_email, contact_type="lead"),
    _record("tags", _tag, _by_email, contact_type="lead", untag=True),
    _record("tags", _tag, _operation="delete"),
    _record("tags", _tag),
]
_records = st.lists(st.one_of(_operations[0], _operations[0], *_operations), max_size=40)

_FAULTS = {
    "status": {"status": 500},
    "html": {"status": 502},
    "rate_limit": {},
    "unknown": {},
    "empty": {},
    "truncated": {},
    "cut_off": {},
    "reset": {},
    "reset_after": {},
    "envelope": {},
    "slow": {"seconds": 0.01},
    "wrong_type": {},
    "redirect": {"location": "http://elsewhere.example/"},
}
_fault = st.tuples(st.sampled_from(sorted(_FAULTS)), st.integers(0, 25))


@dataclasses.dataclass
class Case:
    """One example."""

    records: list[tuple[str, dict[str, Any]]]
    quirks: dict[str, Any]
    faults: list[tuple[str, int]]
    tags_mode: str
    batch_size_rows: int
    max_concurrency: int
    known: bool

    def given(self) -> list[tuple[str, dict[str, Any]]]:
        """The records; where contacts are there before the run, each keeps its own user id.

        Which id such a contact gives up when it gets another one, nobody could know.
        """
        if not self.known:
            return self.records
        own = dict(zip(EMAILS, IDS, strict=True))
        return [
            (stream, {**fields, "user_id": own[fields["email"].lower()]})
            if "user_id" in fields and "email" in fields
            else (stream, fields)
            for stream, fields in self.records
        ]


_cases = st.builds(
    Case,
    _records,
    st.fixed_dictionaries({}, optional={n: st.sampled_from(c) for n, c in QUIRKS.items()}),
    st.lists(_fault, max_size=6),
    st.sampled_from(["add", "replace", "inline"]),
    st.integers(1, 10),
    st.integers(1, 8),
    st.booleans(),
)


@pytest.fixture(scope="module")
def sandboxes():
    """One for the target and one for the model."""
    with Sandbox(0, 0) as real, Sandbox(0, 0) as model:
        yield real, model


def check(case: Case, sandboxes: tuple[Sandbox, Sandbox]) -> None:
    """The property: same end, and just those rejected that a plain request is refused for."""
    real, model = sandboxes
    quirks = dict(case.quirks)
    if case.faults and quirks.get("user_id_taken") == "share":
        # A delete by a shared id that is sent twice takes two: nobody could know.
        del quirks["user_id_taken"]
    for sandbox in sandboxes:
        sandbox.reset(users=0, leads=0, quirks=quirks)
        sandbox.heal()
        if case.known:
            sandbox.upsert("users", {"email": EMAILS[0], "user_id": IDS[0], "tags": ["vip"]})
            sandbox.upsert("users", {"email": EMAILS[1], "user_id": IDS[1], "name": "Known"})
            sandbox.upsert("leads", {"email": EMAILS[2]})
    records = case.given()
    for fault, skip in case.faults:
        real.fail(fault, skip=skip, times=1, **_FAULTS[fault])
    messages = [schema(stream) for stream in ("users", "leads", "tags")]
    messages += [record(stream, **fields) for stream, fields in records]
    run = run_target(
        {
            **real.config,
            "tags_mode": case.tags_mode,
            "batch_size_rows": case.batch_size_rows,
            "max_concurrency": case.max_concurrency,
            "max_attempts": len(case.faults) + 2,  # all can meet on one request
            "max_rejects": -1,
        },
        [*messages, state({"done": len(records)})],
    )
    assert run.code == 0, run.stderr
    assert run.states == [{"done": len(records)}]
    with Reference(model, case.tags_mode) as reference:
        refused = [
            place
            for place, (stream, fields) in enumerate(records)
            if not reference.apply(stream, fields)
        ]
    assert outcome(real) == outcome(model)
    assert sorted(reject["line"] - 4 for reject in run.rejects) == refused, run.rejects


MODEL = settings(deadline=None, suppress_health_check=list(HealthCheck))


@MODEL
@given(_cases)
def test_the_end_is_as_if_each_record_had_been_applied_alone(sandboxes, case):
    check(case, sandboxes)


def test_a_scheduler_that_ignores_order_is_found_out(sandboxes, monkeypatch):
    monkeypatch.setattr(Holders, "of", lambda *_: (set(), set()))
    found_out = []

    @settings(MODEL, max_examples=300, phases=[Phase.generate], database=None)
    @given(_cases)
    def run(case):
        if not found_out:
            try:
                check(case, sandboxes)
            except AssertionError:
                found_out.append(case)

    run()
    assert found_out
