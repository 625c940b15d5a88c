"""The stream over the webhook receiver's spool."""

from __future__ import annotations

import json

import pytest
from customerly.webhooks.delivery import NewDelivery
from customerly.webhooks.spool import Spool

from tests.support.tap import run_tap, selecting

TAGGED = {"event": "user.tagged", "data": {"user": {"data": {"email": "ada@example.com"}}}}


def delivery(content, **fields):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    given = {"received_at": 1_790_000_000_000_000, "hook": None, "query": {}, "headers": {}}
    return NewDelivery(**{**given, **fields}, body=body)


@pytest.fixture
def spool(tmp_path):
    with Spool(tmp_path / "spool") as spool:
        yield spool


@pytest.fixture
def config(spool, tmp_path):
    return {"access_token": "unused", "webhook_spool": str(tmp_path / "spool")}


def run(config, state=None, **changes):
    catalog = selecting("webhook_events", config=config, **changes)
    return run_tap(config, catalog=catalog, state=state)


def test_deliveries_arrive_in_order_each_once(spool, config):
    spool.append([delivery({"n": n}) for n in range(2500)])
    first = run(config)
    assert first.code == 0, first.stderr
    assert [r["body"]["n"] for r in first.records("webhook_events")] == list(range(2500))
    last = first.records("webhook_events")[-1]["sequence"]
    assert first.state["bookmarks"]["webhook_events"] == {
        "replication_key": "sequence",
        "replication_key_value": last,
    }
    spool.append([delivery({"n": 2500})])
    second = run(config, first.state)
    assert [r["body"]["n"] for r in second.records("webhook_events")] == [2500]
    assert run(config, second.state).records("webhook_events") == []


def test_a_delivery_with_all_that_it_holds(spool, config):
    headers = {"content-type": "application/json"}
    spool.append([delivery(TAGGED, hook="tags", query={"a": "1"}, headers=headers)])
    (record,) = run(config).records("webhook_events")
    assert record.pop("sequence") > 0
    assert record.pop("received_at").startswith("2026-09-21T")
    assert record == {
        "hook": "tags",
        "event": "user.tagged",
        "email": "ada@example.com",
        "crmhero_user_id": None,
        "headers": headers,
        "query": {"a": "1"},
        "body": TAGGED,
        "body_text": None,
        "body_base64": None,
        "additional_fields": {},
    }


@pytest.mark.parametrize("body", [[1, "a"], "text", 5, True, {"deep": {"er": [None]}}])
def test_any_json_is_a_body(body, spool, config):
    spool.append([delivery(body)])
    (record,) = run(config).records("webhook_events")
    assert record["body"] == body
    assert record["additional_fields"] == {}


def test_what_is_no_json_or_no_text_is_kept(spool, config):
    spool.append([delivery(b"plain"), delivery(b"\xff\x00")])
    text, raw = run(config).records("webhook_events")
    assert (text["body"], text["body_text"]) == (None, "plain")
    assert raw["body_base64"] == "/wA="
    assert "\x00" not in raw["body_text"], "no database takes it"


def test_only_what_the_state_confirms_is_marked_as_read(spool, config, tmp_path):
    spool.append([delivery({"n": n}) for n in range(3)])
    mark = tmp_path / "spool" / "read"
    first = run(config)
    assert not mark.exists(), "the target may still fail"
    run(config, first.state)
    assert mark.exists()


def test_a_bookmark_of_another_spool_is_no_silent_skip(spool, config):
    spool.append([delivery({})])
    state = {"bookmarks": {"webhook_events": {"replication_key_value": 99}}}
    result = run(config, state)
    assert result.code == 1
    assert len(result.complaints) == 1
    assert "another one" in result.complaints[0]


def test_a_full_read_takes_all_and_claims_nothing(spool, config):
    spool.append([delivery({"n": n}) for n in range(3)])
    state = run(config).state
    again = run(config, state, replication_method="FULL_TABLE")
    assert len(again.records("webhook_events")) == 3
    assert again.of("ACTIVATE_VERSION") == []
    assert again.state["bookmarks"]["webhook_events"] == state["bookmarks"]["webhook_events"]


@pytest.mark.parametrize("path", ["nowhere", "file"])
def test_a_missing_spool_is_one_clear_line(path, tmp_path):
    (tmp_path / "file").write_text("")
    config = {"access_token": "unused", "webhook_spool": str(tmp_path / path)}
    result = run(config)
    assert result.code == 1
    assert len(result.complaints) == 1
    assert str(tmp_path / path) in result.complaints[0]


def test_a_bookmark_that_is_no_number_is_told(config):
    state = {"bookmarks": {"webhook_events": {"replication_key_value": "soon"}}}
    assert "bookmarks.webhook_events.replication_key_value" in run(config, state).complaints[0]
