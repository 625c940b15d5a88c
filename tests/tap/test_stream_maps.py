"""Stream maps that can't be evaluated for a record end in one line, without any value."""

from __future__ import annotations

import pytest

from tests.support.tap import run_tap, selecting


@pytest.mark.parametrize(
    ("stream", "name", "expression"),
    [
        ("leads", "email", "md5(email)"),
        ("users", "seats", 'int(attributes["no_such"])'),
        ("users", "number", "float(name)"),
        ("users", "name", "name.upper() + city"),
        ("users", "rate", "1 / (rating - rating)"),
        ("users", "unknown", "no_such_field"),
        ("users", "moment", "datetime.date.fromisoformat(email)"),
        ("users", "__filter__", "int(email) > 5"),
    ],
)
def test_an_expression_that_fails_is_named_without_the_value(stream, name, expression, sandbox):
    config = {**sandbox.config, "stream_maps": {stream: {name: expression}}}
    run = run_tap(config, catalog=selecting(stream))
    assert run.code == 1
    assert "Traceback" not in run.stderr
    assert len(run.complaints) == 1, run.stderr
    assert f"{stream}.{name}: {expression} can't be evaluated" in run.complaints[0]
    assert "@" not in run.stderr
    for contact in sandbox.contacts(stream):
        assert not contact["name"] or contact["name"] not in run.stderr


def test_a_null_in_a_stream_map_drops_the_property(sandbox):
    for nothing in (None, "__NULL__"):
        config = {**sandbox.config, "stream_maps": {"users": {"email": nothing}}}
        run = run_tap(config, catalog=selecting("users"))
        assert run.code == 0
        assert all("email" not in record for record in run.records("users"))
