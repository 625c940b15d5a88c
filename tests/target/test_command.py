"""The command: each thing that a user can get wrong is one clear line and exit 1."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.target import record, run_command, run_target, schema, state
from tests.target.test_state import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

ADA = {"email": "ada@x.org"}
GOOD = [schema("users"), record("users", **ADA)]


def text_of(messages: list[Any]) -> str:
    return "".join(json.dumps(message) + "\n" for message in messages)


@pytest.mark.parametrize(
    "line",
    [
        "{oops",
        "[1]",
        "5",
        '"x"',
        "null",
        "{}",
        '{"type": "HELLO"}',
        '{"type": 5}',
        "\x00",
        "[" * 5000,
        '{"type": "RECORD", "stream": "users"}',
        '{"type": "RECORD", "stream": "orders", "record": {}}',
        '{"type": "RECORD", "stream": 5, "record": {}}',
        '{"type": "RECORD", "stream": "users", "record": []}',
        '{"type": "SCHEMA", "stream": "users"}',
        '{"type": "SCHEMA", "stream": "users", "schema": {}}',
        '{"type": "SCHEMA", "stream": "users", "schema": {"properties": {"a": 5}}}',
        '{"type": "SCHEMA", "stream": "users", "schema": {"properties": {}}, "key_properties": 5}',
        '{"type": "STATE"}',
        '{"type": "BATCH", "stream": "users", "manifest": []}',
    ],
)
def test_a_wrong_line_is_named_by_its_number(target: Any, line: str) -> None:
    run = target.run(text_of(GOOD) + "\n \n" + line + "\n" + text_of([state(9)]))
    assert (run.code, len(run.complaints)) == (1, 1), run.stderr
    assert "Traceback" not in run.stderr
    assert "ine 5" in run.complaints[0]
    assert target.of("users", "ada@x.org")
    assert run.states == []


def test_a_record_before_its_schema_names_the_stream(target: Any) -> None:
    run = target.run([record("users", **ADA), schema("users")])
    assert (run.code, len(run.complaints)) == (1, 1)
    assert "users" in run.complaints[0]
    assert "SCHEMA" in run.complaints[0]


def test_what_means_nothing_is_passed_over(target: Any) -> None:
    version = {"type": "ACTIVATE_VERSION", "stream": "users", "version": 1}
    run = target.run([*GOOD, version, version | {"stream": "never seen"}, state(1)])
    assert (run.code, run.states) == (0, [1])
    assert len(target.sandbox.contacts("users")) == 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_columns = st.sampled_from(
    [
        "email",
        "user_id",
        "name",
        "tags",
        "attributes",
        "_operation",
        "_sdc_deleted_at",
        "tag",
        "untag",
        "contact_type",
        "company_id",
        "company_name",
        "internal_user_id",
        "from",
        "to",
        "content",
        "attachments",
        "method",
        "url",
        "headers",
        "query",
        "body",
        "plan",
        "user_tags",
        "unsubscribe",
        "companies",
        "additional_fields",
    ]
)
_streams = st.sampled_from(
    ["users", "leads", "tags", "companies", "company_members", "messages", "api_calls"]
)
_cells = _json | st.sampled_from(["ada@x.org", "7", "vip", "delete", "/v1/tags", "GET", {"id": 3}])
_schema = st.fixed_dictionaries(
    {
        "properties": st.dictionaries(
            _columns,
            st.sampled_from([{}, {"type": "string"}, {"format": "date"}]) | _json,
            max_size=3,
        )
    }
)


@given(st.data())
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_in_the_input_ends_in_a_traceback(target: Any, data: Any) -> None:
    stream = data.draw(_streams)
    records = st.dictionaries(_columns, _cells, max_size=6)
    lines = [
        data.draw(
            st.just(schema(stream))
            | st.builds(lambda s: {"type": "SCHEMA", "stream": stream, "schema": s}, _schema)
        )
    ]
    lines += [record(stream, **each) for each in data.draw(st.lists(records, max_size=5))]
    lines += data.draw(st.lists(_json, max_size=1))
    run = target.run(
        lines,
        tags_mode=data.draw(st.sampled_from(["add", "replace", "inline"])),
        empty_values=data.draw(st.sampled_from(["skip", "send"])),
        validate_records=data.draw(st.booleans()),
        dry_run=data.draw(st.booleans()),
        max_attempts=1,
    )
    assert run.code in (0, 1)
    assert "Traceback" not in run.stderr, run.stderr


def test_wrong_settings_and_files(tmp_path: Path, target: Any) -> None:
    good = tmp_path / "good.json"
    good.write_text(json.dumps(target.config))
    bad = tmp_path / "bad.json"
    bad.write_text("{oops")
    (tmp_path / "latin.jsonl").write_bytes(b'{"type": "STATE", "value": "\xe9"}\n')
    for arguments in (
        ["--config", str(tmp_path / "none.json")],
        ["--config", str(bad)],
        ["--config", str(good), "--input", str(tmp_path / "none.jsonl")],
        ["--config", str(good), "--input", str(tmp_path)],
        ["--config", str(good), "--input", str(tmp_path / "latin.jsonl")],
    ):
        run = run_command(*arguments)
        assert run.code == 1, (arguments, run.stderr)
        assert "Traceback" not in run.stderr
        assert len(run.complaints) == 1, run.stderr


def test_no_token_and_no_server() -> None:
    config = {"api_url": "http://127.0.0.1:9/v1", "max_attempts": 1}
    run = run_target(config, GOOD)
    assert (run.code, len(run.complaints)) == (1, 1)
    assert "access_token" in run.complaints[0]
    run = run_target({**config, "access_token": "t"}, GOOD)
    assert (run.code, run.rejects, len(run.complaints)) == (1, [], 1)
    assert "127.0.0.1:9" in run.complaints[0]


def test_a_server_that_answers_html(target: Any) -> None:
    target.sandbox.fail("html")
    run = target.run(GOOD, max_attempts=1)
    assert (run.code, run.rejects, len(run.complaints)) == (1, [], 1)


def test_a_byte_order_mark_and_windows_lines(target: Any) -> None:
    run = target.run("\ufeff" + text_of(GOOD).replace("\n", "\r\n"))
    assert run.code == 0, run.stderr


def command(config: Any, folder: Path, text: str, **more: Any) -> Any:
    path = folder / "c.json"
    path.write_text(json.dumps({**config, "rejects_path": str(folder / "r.jsonl")}))
    environment = {**os.environ, **more.pop("env", {})}
    return subprocess.run(
        [*COMMAND, "--config", str(path)],
        input=text.encode(),
        env=environment,
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=30,
        **more,
    )


def test_the_token_is_never_shown(target: Any, tmp_path: Path) -> None:
    target.sandbox.fail("envelope", method="POST", message="token sandbox-token is odd", times=1)
    messages = [
        *GOOD,
        record("users", email="nobody"),
        record("users", email="b@x.org", tags=["v"]),
    ]
    done = command(target.config, tmp_path, text_of(messages), env={"LOGLEVEL": "DEBUG"})
    assert b"sandbox-token" not in done.stderr + done.stdout
    assert b"DEBUG" in done.stderr
    assert b"Traceback" not in done.stderr
    assert b"sandbox-token" not in (tmp_path / "r.jsonl").read_bytes()


def test_a_quiet_log_still_says_what_became_of_the_records(target: Any, tmp_path: Path) -> None:
    done = command(target.config, tmp_path, text_of(GOOD), env={"LOGLEVEL": "ERROR"})
    assert done.stderr.decode().splitlines() == [
        "users: 1 applied, 0 unchanged, 0 skipped, 0 blank, 0 rejected, 1 requests"
    ]


def test_nobody_reads_the_state(target: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(target.config))
    reader, writer = os.pipe()
    os.close(reader)
    with subprocess.Popen(
        [*COMMAND, "--config", str(path)],
        stdin=subprocess.PIPE,
        stdout=writer,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
    ) as process:
        os.close(writer)
        _, said = process.communicate(text_of([*GOOD, state(1)]).encode(), timeout=30)
    assert process.returncode == 1
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said
    assert target.of("users", "ada@x.org")


@pytest.mark.parametrize(("given_", "code"), [("<&-", 0), ("< .", 1)])
def test_no_input_at_all(target: Any, tmp_path: Path, given_: str, code: int) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(target.config))
    line = f"exec {shlex.join([*COMMAND, '--config', str(path)])} {given_}"
    done = subprocess.run(
        ["/bin/sh", "-c", line], capture_output=True, check=False, timeout=30, cwd=tmp_path
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""


def test_a_schema_sends_no_request_to_whatever_host_it_names(target: Any) -> None:
    asked = f"{target.config['api_url']}/tags"
    properties = {"email": {"$ref": asked}, "name": {"type": "string"}}
    run = target.apply("users", ADA, properties=properties, validate_records=True)
    assert run.code in (0, 1)
    assert "Traceback" not in run.stderr
    assert [r["path"] for r in target.sandbox.requests if r["method"] == "GET"] == []
