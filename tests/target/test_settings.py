"""The settings: what is taken, what is refused, and which stream is applied as what."""

from __future__ import annotations

from typing import Any

import pytest
from customerly.errors import ConfigError
from target_customerly.intake.rules import Rules
from target_customerly.settings import CONFIG_JSONSCHEMA, Settings

from tests.support.target import record, schema


def test_the_defaults_are_those_of_the_interface() -> None:
    defaults = {
        name: definition.get("default")
        for name, definition in CONFIG_JSONSCHEMA["properties"].items()
    }
    assert defaults | {"access_token": None} == {
        "access_token": None,
        "api_url": "https://api.customerly.io/v1",
        "max_concurrency": 4,
        "requests_per_second": None,
        "request_timeout": 60,
        "max_attempts": 6,
        "max_wait": 300,
        "api_facts": None,
        "user_agent": None,
        "streams": None,
        "batch_size_rows": 100,
        "dry_run": False,
        "rejects_path": "customerly-rejects.jsonl",
        "max_rejects": 0,
        "max_rejects_percent": None,
        "max_deletes": None,
        "max_deletes_percent": None,
        "tags_mode": "add",
        "verify_tagged": True,
        "unknown_streams": "fail",
        "unknown_fields": "attributes",
        "empty_values": "skip",
        "attribute_names": "normalise",
        "long_text": "reject",
        "repeat_unclear": False,
        "log_path": None,
        "log_keys": False,
        "skip_unchanged": False,
        "snapshot_path": "customerly-snapshot.db",
        **{name: defaults[name] for name in defaults if name.startswith(("flatt", "stream_map"))},
        **{
            name: defaults[name]
            for name in ("add_record_metadata", "faker_config", "load_method", "validate_records")
            if name in defaults
        },
    }


def rules_of(config: dict[str, Any]) -> Rules:
    return Rules(Settings.from_config(config))


def test_the_first_pattern_that_matches_applies() -> None:
    rules = {
        "newsletter_vip": {"resource": "users"},
        "newsletter_*": {"resource": "leads", "mapping": {"E-mail": "email"}},
        "*": {"resource": "tags", "operation": "untag"},
    }
    settings = rules_of({"streams": rules})
    found = {name: settings.of(name) for name in ("newsletter_vip", "newsletter_x", "users", "y")}
    assert [(rule and rule.resource, rule and rule.operation) for rule in found.values()] == [
        ("users", "upsert"),
        ("leads", "upsert"),
        ("tags", "untag"),
        ("tags", "untag"),
    ]
    backwards = rules_of({"streams": dict(reversed(rules.items()))})
    assert backwards.of("newsletter_vip").resource == "tags"  # type: ignore[union-attr]


def test_a_stream_named_like_a_resource_needs_no_setting() -> None:
    settings = rules_of({})
    for name in ("users", "leads", "tags", "companies", "company_members", "messages", "api_calls"):
        assert settings.of(name).resource == name  # type: ignore[union-attr]
    with pytest.raises(ConfigError, match="unknown_streams"):
        settings.of("orders")
    assert rules_of({"unknown_streams": "ignore"}).of("orders") is None


@pytest.mark.parametrize(
    ("streams", "says"),
    [
        ({"a": {"resource": "people"}}, "no resource people"),
        ({"a": {"resource": "leads", "operation": "unsubscribe"}}, "can't unsubscribe"),
        ({"a": {"resource": "leads", "mapping": {"x": "email", "y": "email"}}}, "two columns"),
        ({"a": {}}, "no resource a"),
        ({"a": {"resource": "leads", "maping": {}}}, "maping is not known"),
        ({"a": 5}, "must be an object"),
        ({"a": {"resource": "leads", "mapping": {"x": 5}}}, "must be a text"),
    ],
)
def test_a_wrong_mapping_is_one_clear_line(target: Any, streams: Any, says: str) -> None:
    run = target.apply("users", {"email": "ada@example.com"}, streams=streams)
    assert (run.code, len(run.complaints)) == (1, 1)
    assert says in run.complaints[0]
    assert not target.sandbox.requests


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("batch_size_rows", 0),
        ("batch_size_rows", "many"),
        ("max_rejects", -2),
        ("max_deletes", -1),
        ("tags_mode", "append"),
        ("unknown_streams", "drop"),
        ("unknown_fields", "drop"),
        ("empty_values", "null"),
        ("attribute_names", "snake"),
        ("long_text", "cut"),
        ("dry_run", "maybe"),
        ("max_concurrency", 0),
        ("api_url", "http://api.example.com/v1"),
    ],
)
def test_a_wrong_setting_is_one_clear_line(target: Any, name: str, value: Any) -> None:
    run = target.apply("users", {"email": "ada@example.com"}, **{name: value})
    assert (run.code, len(run.complaints)) == (1, 1)
    assert name in run.complaints[0]
    assert not target.sandbox.requests


def test_streams_map_columns_to_fields(target: Any) -> None:
    rules = {
        "newsletter_*": {
            "resource": "leads",
            "mapping": {"E-mail": "email", "Full name": "name", "city": "city"},
        },
        "churned": {"resource": "users", "operation": "delete"},
    }
    target.sandbox.upsert("users", {"email": "old@example.com"})
    run = target.run(
        [
            schema("newsletter_march"),
            record(
                "newsletter_march", **{"E-mail": "lin@x.org", "Full name": "Lin", "city": "Rome"}
            ),
            schema("newsletter_april", {"email": {"type": "string"}}),
            record("newsletter_april", email="ada@x.org"),
            schema("churned"),
            record("churned", email="old@example.com"),
        ],
        streams=rules,
    )
    assert run.code == 0, run.stderr
    lin = target.of("leads", "lin@x.org")
    assert (lin["name"], lin["attributes"]) == ("Lin", {"city": "Rome"})
    assert target.of("leads", "ada@x.org")
    assert target.sandbox.contacts("users") == []
