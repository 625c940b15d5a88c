"""Whatever happens between and during requests, nothing is skipped.

The same properties are put to a forward reader, which must fail them.
"""

from __future__ import annotations

import json
import operator
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tap_customerly.pagination import Reader

from tests.tap.forward_reader import ForwardReader
from tests.tap.shifting_list import Schedule, ShiftingList, contacts_of, script, text


class Run(NamedTuple):
    """One run: it may be killed, and begins with any state written before, not just the last."""

    workers: int
    page_size: int
    cap: int
    killed_after: int | None
    state_from_end: int


class Scenario(NamedTuple):
    """A list, what happens to it, and the runs that read it."""

    ties: str
    directions: bool
    seconds: list[int | None]
    script: list[int]
    pace: int
    runs: list[Run]

    def server(self):
        server = ShiftingList(self.ties, self.runs[0].cap, self.directions)
        for second in self.seconds:
            server.insert_without_time() if second is None else server.insert(second)
        return server


# The seconds at which the contacts of the list were last touched, up to the present one (1000).
lists = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(0, 1000)), max_size=25),
    st.builds(
        lambda contacts, seconds: [
            1000 - contact * seconds // contacts for contact in range(contacts)
        ],
        contacts=st.integers(1, 120),
        seconds=st.integers(1, 60),
    ),
)

scripts = st.one_of(
    st.lists(st.integers(0, 255), max_size=60),
    st.builds(script, seed=st.integers(0, 2**32), length=st.integers(0, 3000)),
)

runs = st.builds(
    Run,
    workers=st.integers(1, 8),
    page_size=st.integers(1, 7),
    cap=st.one_of(st.just(100), st.integers(1, 7)),
    killed_after=st.one_of(st.none(), st.none(), st.integers(0, 40)),
    state_from_end=st.one_of(st.just(0), st.integers(0, 40)),
)

scenarios = st.builds(
    Scenario,
    ties=st.sampled_from(["change", "id", "-id"]),
    directions=st.sampled_from([True, True, True, False]),
    seconds=lists,
    script=scripts,
    pace=st.sampled_from([2, 4, 8, 16, 32, 64, 128, 256]),
    runs=st.lists(runs, min_size=1, max_size=5),
)


def read_incrementally(make_reader, scenario):
    """Play the runs; then, with the list at rest, one more."""
    server = scenario.server()
    schedule = Schedule(server, scenario.script, scenario.pace)
    warehouse = {}
    states = [({}, expected(server, ""), frozenset())]
    for run in scenario.runs:
        server.cap = run.cap
        state, due, seen = states[max(0, len(states) - 1 - run.state_from_end)]
        play(make_reader, schedule, run, (state, due, seen), states, warehouse)
    schedule.script = iter(())
    server.now += 5
    last = scenario.runs[-1]._replace(killed_after=None)
    state, due, seen = states[max(0, len(states) - 1 - last.state_from_end)]
    assert not play(make_reader, schedule, last, (state, due, seen), states, warehouse)
    missing = {c: r for c, r in server.contacts.items() if warehouse.get(c) != r}
    assert not missing, "the last run left these out of date"


def expected(server, since):
    """The contacts that a read that begins now must bring, unless they are touched meanwhile."""
    return {
        contact: record["change"]
        for contact, record in server.contacts.items()
        if since <= (record["last_update"] or "") < text(server.second)
    }


def play(make_reader, schedule, run, begin, states, warehouse):
    """Play a run; return the holes that it took a list for that shrank and grew between its looks.

    That is caution: its bookmark stays, and the next run reads the same again.
    """
    server = schedule.server
    holes = []

    def warn(line):
        if "empty or short" not in line:
            unexpected(line)
        holes.append(line)

    state, due, seen = begin
    seen = set(seen)
    if "reading" not in state:
        due = expected(server, state.get("bookmark", ""))
        seen = set()
    reader = make_reader(
        server.page,
        run.page_size,
        run.workers,
        warn=warn,
        pool=schedule.read_with(run.workers),
        clock=schedule.clock,
        sleep=schedule.sleep,
    )
    batches = reader.changes(json.loads(json.dumps(state)))
    for count, batch in enumerate(batches):
        for record in contacts_of(batch.items):
            warehouse[record["crmhero_user_id"]] = record
            seen.add((record["crmhero_user_id"], record["change"]))
        if batch.state is not None:
            if "reading" not in batch.state:
                check(server, due, seen)
                due = expected(server, batch.state.get("bookmark", ""))
                seen = set()
            assert batch.state.get("bookmark", "") >= state.get("bookmark", "")
            states.append((batch.state, due, frozenset(seen)))
        if count == run.killed_after:
            batches.close()
            return holes
    if not holes:
        assert states[-1][0] == batch.state
        assert "reading" not in batch.state
    return holes


def check(server, due, seen):
    """Each contact that was left alone has been read."""
    missing = {
        contact
        for contact, change in due.items()
        if contact in server.contacts
        and server.contacts[contact]["change"] == change
        and (contact, change) not in seen
    }
    assert not missing, "left alone, and not read"


def unexpected(line):
    raise AssertionError(line)


def read_all(make_reader, scenario):
    """Read everything, now and again; the version that is activated holds all that exist."""
    server = scenario.server()
    schedule = Schedule(server, scenario.script, scenario.pace)
    for run in [*scenario.runs, scenario.runs[-1]]:
        server.cap = run.cap
        due, version = expected(server, ""), {}
        quiet, complete = schedule.quiet, False
        reader = make_reader(
            server.page,
            run.page_size,
            run.workers,
            warn=str,
            pool=schedule.read_with(run.workers),
            clock=schedule.clock,
            sleep=schedule.sleep,
        )
        batches = reader.everything()
        for count, batch in enumerate(batches):
            assert not complete, "the complete batch is the last"
            assert batch.state is None
            complete = batch.complete
            version.update(
                (record["crmhero_user_id"], record) for record in contacts_of(batch.items)
            )
            if count == run.killed_after:
                batches.close()
                break
        else:
            check(server, due, {(c, r["change"]) for c, r in version.items()})
            if complete and (scenario.directions or server.shows_direction):
                # Of one moment: a look at what lies behind its page may come after it.
                pictures = [{c: version.get(c) for c in living} for living in server.seen]
                assert any(map(operator.eq, pictures, server.seen))
            elif not complete:
                assert not quiet or not scenario.directions
        schedule.script = iter(()) if run is scenario.runs[-1] else schedule.script


slow = settings(deadline=None, suppress_health_check=list(HealthCheck))


@slow
@given(scenarios)
def test_incremental_reads_skip_nothing(scenario):
    read_incrementally(Reader, scenario)


@slow
@given(scenarios)
def test_a_complete_picture_holds_all_that_exist(scenario):
    read_all(Reader, scenario)


@pytest.mark.parametrize("read", [read_incrementally, read_all])
def test_the_same_finds_what_a_forward_reader_skips(read):
    @settings(slow, max_examples=200, phases=[Phase.generate], report_multiple_bugs=False)
    @given(scenarios)
    def skips(scenario):
        read(ForwardReader, scenario)

    with pytest.raises(AssertionError):
        skips()
