"""The model again, for who is there: users known by address and by id, tagged, changed and deleted.

The general model draws twelve kinds of records over many states, so that the few steps that make
what is remembered of a contact untrue (tagged by one name, taken away by another, tagged again by
the first) hardly ever meet on one contact, on an API that keeps silent. Here they are all there is.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from customerly_sandbox import Sandbox

from tests.target.test_model import _FAULTS, EMAILS, IDS, QUIRKS, TAGS, Case, check


@pytest.fixture(scope="module")
def sandboxes():
    """One for the target and one for the model."""
    with Sandbox(0, 0) as real, Sandbox(0, 0) as model:
        yield real, model


@pytest.fixture(autouse=True)
def _no_rest_after_refusals(monkeypatch):
    monkeypatch.setitem(_FAULTS, "rate_limit", {"retry_after": 0})


def random_case(seed: int) -> Case:
    """A stream of a seed, with every quirk at random and every fault on."""
    dice = random.Random(seed)
    people = [(EMAILS[0], IDS[0]), (EMAILS[1], IDS[1])]

    def name(email: str, user_id: str) -> dict[str, Any]:
        shown = email.upper() if dice.random() < 0.2 else email
        return {"user_id": user_id} if dice.random() < 0.5 else {"email": shown}

    def record() -> tuple[str, dict[str, Any]]:
        email, own = dice.choice(people)
        user_id = own if dice.random() < 0.7 else dice.choice(IDS)
        what = dice.random()
        if what < 0.45:
            lead = dice.random() < 0.15
            key = {"email": email, "contact_type": "lead"} if lead else name(email, user_id)
            return "tags", {"tag": dice.choice(TAGS), **key}
        if what < 0.6:
            stream = dice.choice(["users", "users", "leads"])
            key = {"email": email} if stream == "leads" else name(email, user_id)
            return stream, {**key, "_operation": "delete"}
        if what < 0.9:
            fields = {"user_id": user_id} if dice.random() < 0.7 else {}
            tags = {"tags": [dice.choice(TAGS)]} if dice.random() < 0.3 else {}
            shown = email.upper() if dice.random() < 0.2 else email
            return "users", {"email": shown, **fields, **tags}
        return "leads", {"email": email, "name": "Lin"}

    quirks = {name: dice.choice(choices) for name, choices in QUIRKS.items()}
    quirks["tag_unknown"] = dice.choice(["ignore", "ignore", "fail", "report"])
    return Case(
        records=[record() for _ in range(dice.randrange(4, 25))],
        quirks=quirks,
        faults=[(fault, dice.randrange(30)) for fault in _FAULTS],
        tags_mode=dice.choice(["add", "replace", "inline"]),
        batch_size_rows=dice.choice([1, 3, 10]),
        max_concurrency=dice.choice([1, 4]),
        known=dice.random() < 0.3,
    )


@pytest.mark.parametrize("seed", range(25))
def test_no_tag_is_lost_in_silence_in_a_random_stream(sandboxes, seed):
    check(random_case(seed), sandboxes)


@pytest.mark.soak
@pytest.mark.parametrize("block", range(20))
def test_no_tag_is_lost_in_silence_in_a_thousand_random_streams(sandboxes, block):
    for seed in range(50 * block, 50 * block + 50):
        check(random_case(1_000 + seed), sandboxes)
