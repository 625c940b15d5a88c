"""What goes wrong on the way: faults of every kind, refusals in every form, outages, kills.

Three histories are compared: what came in, what the sandbox applied, and what STATE and the
rejects said. Each record is in exactly one of: applied, rejected, not yet covered by STATE.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.run import read_lines
from tests.support.target import record, run_target, schema, state
from tests.target.reference import Reference, outcome

if TYPE_CHECKING:
    from customerly_sandbox import Sandbox

REASON = "The email is not valid"
FAULTS: dict[str, dict[str, Any]] = {
    "status": {"status": 500},
    "rate_limit": {"retry_after": 0},
    "envelope": {},
    "unknown": {},
    "html": {"status": 502},
    "empty": {},
    "truncated": {},
    "cut_off": {},
    "reset": {},
    "reset_after": {},
    "slow": {"seconds": 0.02},
    "wrong_type": {},
    "redirect": {"location": "http://elsewhere.example/"},
}
REFUSALS = ("object", "email", "index", "count", "batch")


def bad(number: int) -> str:
    return f"bad{number}@example.com"


def good(number: int) -> str:
    return f"Person+{number}@example.com"


def imported(count: int) -> list[tuple[str, dict[str, Any]]]:
    """Creates, updates, tags, untags and deletes that build on one another, and bad records."""
    records: list[tuple[str, dict[str, Any]]] = []
    for number in range(count):
        earlier = good(number // 20 * 10)
        what: tuple[str, dict[str, Any]] = (
            "users",
            {"email": good(number), "user_id": str(number), "plan": number},
        )
        if number % 100 == 37:
            what = ("users", {"email": bad(number), "name": "Bad"})
        elif number % 10 == 3:
            what = ("users", {"email": earlier.lower(), "name": f"Name {number}", "tags": ["old"]})
        elif number % 10 == 5:
            what = ("tags", {"tag": "vip", "email": earlier})
        elif number % 50 == 7:
            what = ("tags", {"tag": "vip", "email": earlier, "untag": True})
        elif number % 50 == 9:
            what = ("users", {"email": good(number - 1).upper(), "_operation": "delete"})
        elif number % 10 == 8:
            what = ("leads", {"email": good(number), "name": "Lead"})
        records.append(what)
    return records


def messages(records: list[tuple[str, dict[str, Any]]], every: int = 50) -> list[dict[str, Any]]:
    """The input; each STATE holds how many records came before it."""
    found = [schema(stream) for stream in ("users", "leads", "tags")]
    for number, (stream, fields) in enumerate(records, 1):
        found.append(record(stream, **fields))
        if number % every == 0 or number == len(records):
            found.append(state(number))
    return found


def config_of(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {**sandbox.config, "max_concurrency": 4, "request_timeout": 5, "max_wait": 1, **settings}


def expected(records: list[tuple[str, dict[str, Any]]], sandbox: Sandbox) -> list[dict[str, Any]]:
    """Apply all one at a time, and return the refused ones."""
    with Reference(sandbox) as reference:
        return [fields for stream, fields in records if not reference.apply(stream, fields)]


def all_bad(records: list[tuple[str, dict[str, Any]]]) -> list[str]:
    return [fields["email"] for _, fields in records if fields["email"].startswith("bad")]


def every_fault(make_sandbox: Any, count: int, seed: int) -> None:
    """An import under every fault at once ends as one without, and rejects just the bad."""
    quirks = {
        "refusals": REFUSALS[seed % 5],
        "inline_tags": ("add", "replace", "ignore")[seed % 3],
        "missing_contact_status": (200, 404, 500)[seed % 3],
        "tag_unknown": ("fail", "report", "ignore")[seed % 3],
        "done": ("message", "true", "empty", "null")[seed % 4],
        "refusal_list": ("errors", "not_added", "both")[seed % 3],
    }
    real, model = (make_sandbox(0, 0, quirks=quirks) for _ in range(2))
    records = imported(count)
    for sandbox in (real, model):
        sandbox.reject(*all_bad(records), reason=REASON)
    for number, (fault, rule) in enumerate(FAULTS.items()):
        real.fail(fault, probability=0.02, seed=1_000 * seed + number, **rule)
    run = run_target(config_of(real, max_attempts=9, max_rejects=-1), messages(records))
    assert run.code == 0, run.stderr
    assert sum(request["fault"] is not None for request in real.requests) > 5
    refused = expected(records, model)
    assert outcome(real) == outcome(model)
    assert sorted(map(str, refused)) == sorted(str(line["record"]) for line in run.rejects)
    for line in run.rejects:
        assert REASON in line["reason"] or "gave no reason" in line["reason"], line
        assert line["status"] is not None
        assert line["attempts"] >= 1
    assert run.states == sorted(set(run.states))
    assert run.states[-1] == len(records)


@pytest.mark.parametrize("seed", range(5))
def test_every_fault_at_once(make_sandbox, seed):
    every_fault(make_sandbox, 200, seed)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 20))
def test_every_fault_at_once_in_a_long_import(make_sandbox, seed):
    every_fault(make_sandbox, 20_000, seed)


# --- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize("refusals", REFUSALS)
def test_one_bad_record_in_each_batch(empty_sandbox, refusals):
    empty_sandbox.set_quirks(refusals=refusals)
    dice = random.Random(refusals)
    places = {100 * batch + dice.randrange(100) for batch in range(10)} | {700, 899}
    emails = [bad(n) if n in places else good(n) for n in range(1_000)]
    empty_sandbox.reject(*(email for email in emails if email.startswith("bad")), reason=REASON)
    records = [("users", {"email": email}) for email in emails]
    run = run_target(config_of(empty_sandbox, max_concurrency=1), messages(records, 1_000))
    assert run.code == 1
    assert sorted(line["record"]["email"] for line in run.rejects) == sorted(map(bad, places))
    assert len(empty_sandbox.contacts("users")) == 1_000 - len(places)
    culprits = len(places)
    assert empty_sandbox.counters["total"] <= 10 + 14 * culprits
    assert run.states == [1_000]


def test_a_poisoned_record_stops_nobody(empty_sandbox):
    empty_sandbox.poison(good(150))
    records = [("users", {"email": good(number)}) for number in range(300)]
    run = run_target(config_of(empty_sandbox, max_attempts=2), messages(records))
    assert run.code == 1
    (line,) = run.rejects
    assert line["record"] == {"email": good(150)}
    assert (line["status"], line["attempts"]) == (500, 2)
    assert len(empty_sandbox.contacts("users")) == 299
    assert run.states[-1] == 300


def test_a_poisoned_record_is_found_without_trying_each_part_again(empty_sandbox):
    empty_sandbox.poison(good(50))
    records = [("users", {"email": good(number)}) for number in range(100)]
    run = run_target(config_of(empty_sandbox, max_attempts=3), messages(records))
    assert [line["attempts"] for line in run.rejects] == [3]
    refused = [entry for entry in empty_sandbox.requests if entry["status"] == 500]
    assert len(refused) <= 3 + 6 + 3, "the whole, the parts of 50 to 2, the record"


# --- the run can't go on -------------------------------------------------------------------------


def three_histories(records: list[tuple[str, dict[str, Any]]], sandbox: Sandbox, run: Any) -> int:
    """All that STATE covers is applied or rejected, never both; returns how far STATE is."""
    applied = {entry["contact"]["email"] for entry in sandbox.history(operation="upsert")}
    rejected = {line["record"]["email"] for line in run.rejects}
    assert not applied & rejected
    covered = run.states[-1] if run.states else 0
    assert {fields["email"] for _, fields in records[:covered]} <= applied | rejected
    return covered


def only_upserts(count: int) -> list[tuple[str, dict[str, Any]]]:
    return [("users", {"email": good(number), "name": f"N {number}"}) for number in range(count)]


def assert_one_clear_line(run: Any, *words: str) -> None:
    assert run.code == 1
    assert "Traceback" not in run.stderr
    told = [line for line in run.complaints if any(word in line for word in words)]
    assert len(told) == 1, run.stderr


@pytest.mark.parametrize(
    ("fault", "rule"),
    [("status", {"status": 503}), ("reset", {}), ("html", {"status": 502})],
)
def test_an_outage_rejects_nothing_and_a_second_run_completes(empty_sandbox, fault, rule):
    records = only_upserts(1_000)
    empty_sandbox.fail(fault, skip=5, **rule)
    settings = config_of(empty_sandbox, max_attempts=3, batch_size_rows=20)
    run = run_target(settings, messages(records))
    assert_one_clear_line(run, "failed after 3 tries", "again")
    assert run.rejects == []
    covered = three_histories(records, empty_sandbox, run)
    assert covered < 1_000
    empty_sandbox.heal()
    again = run_target(settings, messages(records[covered:]))
    assert again.code == 0, again.stderr
    assert len(empty_sandbox.contacts("users")) == 1_000


def test_a_short_outage_is_waited_out(empty_sandbox):
    records = only_upserts(300)
    empty_sandbox.fail("reset", skip=1, times=6)
    run = run_target(config_of(empty_sandbox, max_attempts=8), messages(records))
    assert run.code == 0, run.stderr
    assert len(empty_sandbox.contacts("users")) == 300


def test_a_server_that_is_not_there(make_sandbox):
    gone = make_sandbox(0, 0)
    gone.stop()
    records = only_upserts(300)
    run = run_target(config_of(gone, max_attempts=2), messages(records))
    assert_one_clear_line(run, "takes no connection")
    assert (run.rejects, run.states) == ([], [])


def test_a_token_that_is_revoked_midway(empty_sandbox):
    records = only_upserts(1_000)
    empty_sandbox.revoke_token(after=7)
    settings = config_of(empty_sandbox, batch_size_rows=50)
    run = run_target(settings, messages(records))
    assert_one_clear_line(run, "refused the access token")
    assert run.rejects == []
    covered = three_histories(records, empty_sandbox, run)
    assert covered < 1_000
    assert empty_sandbox.counters["total"] <= 7 + 4
    empty_sandbox.control("POST", "token", token=empty_sandbox.token)
    again = run_target(settings, messages(records[covered:]))
    assert again.code == 0, again.stderr
    assert len(empty_sandbox.contacts("users")) == 1_000


def test_a_full_disk_for_the_rejects(empty_sandbox, tmp_path):
    records = only_upserts(400)
    records[250] = ("users", {"email": bad(250)})
    empty_sandbox.reject(bad(250), reason=REASON)
    settings = config_of(empty_sandbox, batch_size_rows=20)
    run = run_target({**settings, "rejects_path": "/dev/full"}, messages(records))
    assert_one_clear_line(run, "No space left on device")
    covered = run.states[-1] if run.states else 0
    assert covered <= 250
    rejects = tmp_path / "rejects.jsonl"
    again = run_target({**settings, "rejects_path": str(rejects)}, messages(records[covered:]))
    assert again.code == 1
    assert [line["record"]["email"] for line in read_lines(rejects)] == [bad(250)]
    assert len(empty_sandbox.contacts("users")) == 399


# --- kills ---------------------------------------------------------------------------------------


def run_until_killed(
    sandbox: Sandbox, config: Path, lines: list[dict[str, Any]], requests: int | None
) -> list[Any]:
    """A process of its own, killed at a request; returns the STATEs that came out."""
    command = [str(Path(sys.executable).with_name("target-customerly")), "--config", str(config)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **pipes) as process:
        seen = [0]

        def count(_call: Any) -> None:
            seen[0] += 1
            if seen[0] == requests:
                process.send_signal(signal.SIGKILL)

        sandbox.on_request(count)
        said, _ = process.communicate("".join(json.dumps(line) + "\n" for line in lines).encode())
        sandbox.on_request(None)
    assert process.returncode == (0 if requests is None else -signal.SIGKILL)
    whole = said.decode().rpartition("\n")[0]
    return [json.loads(line) for line in whole.splitlines()]


def killed_and_continued(make_sandbox: Any, folder: Path, count: int, kills: int) -> None:
    """Each run continues from the last STATE; the end is as if there had been one run."""
    real, model = (make_sandbox(0, 0) for _ in range(2))
    records = imported(count)
    for sandbox in (real, model):
        sandbox.reject(*all_bad(records), reason=REASON)
    config = folder / "config.json"
    rejects = folder / "rejects.jsonl"
    settings = config_of(
        real, batch_size_rows=10, max_rejects=-1, rejects_path=str(rejects), max_concurrency=8
    )
    config.write_text(json.dumps(settings))
    dice = random.Random(count)
    done = 0
    rest = messages(records, 10)
    head = rest[:3]
    killed = 0
    for _ in range(kills):
        if len(rest) < 100:
            break
        states = run_until_killed(
            real, config, rest, dice.randrange(3, 2 * count // kills // 10 + 5)
        )
        killed += 1
        assert states == sorted(set(states))
        if states:
            done = states[-1]
            rest = head + rest[3:][rest[3:].index(state(done)) + 1 :]
        covered = {fields["email"] for _, fields in records[:done] if "tag" not in fields}
        known = {entry["email"] for entry in real.history(operation="upsert")}
        known |= {entry["contact"]["email"] for entry in real.history(operation="upsert")}
        known |= {entry["email"] for entry in real.history(operation="delete")}
        known |= {line["record"]["email"] for line in whole_lines(rejects)}
        assert {email.lower() for email in covered} <= {email.lower() for email in known}
    assert killed >= min(kills, 5)
    states = run_until_killed(real, config, rest, None)
    assert states[-1] == len(records)
    refused = expected(records, model)
    assert outcome(real) == outcome(model)
    assert {str(line["record"]) for line in whole_lines(rejects)} == {str(r) for r in refused}


def whole_lines(path: Path) -> list[dict[str, Any]]:
    """The rejects; a kill can leave half a line."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def test_killed_and_continued(make_sandbox, tmp_path):
    killed_and_continued(make_sandbox, tmp_path, 400, 3)


@pytest.mark.soak
def test_killed_twenty_times_in_a_long_import(make_sandbox, tmp_path):
    killed_and_continued(make_sandbox, tmp_path, 20_000, 20)
