"""What a record means: each sentence of the interface, through the command."""

from __future__ import annotations

import json

import pytest

from tests.support.target import record, run_target, schema


def attributes_of(sandbox, email="ada@example.com", kind="leads"):
    return sandbox.find(kind, email=email)["attributes"]


def apply(sandbox, stream, properties=None, /, *, config=None, **fields):
    settings = {**sandbox.config, "max_rejects": -1, **(config or {})}
    return run_target(settings, [schema(stream, properties), record(stream, **fields)])


@pytest.mark.parametrize(
    "tags",
    [["a", "b"], '["a", "b"]', "a,b", "a; b", " a ,, b;", [{"name": "a"}, "b", "a", None]],
)
def test_tags_come_as_a_list_as_json_or_separated(empty_sandbox, tags):
    apply(empty_sandbox, "leads", email="ada@example.com", tags=tags)
    assert empty_sandbox.find("leads", email="ada@example.com")["user_tags"] == ["a", "b"]


@pytest.mark.parametrize("given", [{"seats": 5, "Ort": "Köln"}, '{"seats": 5, "Ort": "Köln"}'])
def test_attributes_come_as_an_object_or_as_json_and_win_over_columns(empty_sandbox, given):
    apply(empty_sandbox, "leads", email="ada@example.com", attributes=given, seats=7, plan="pro")
    assert attributes_of(empty_sandbox) == {"seats": 5, "Ort": "Köln", "plan": "pro"}


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("Company name", "company_name"),
        ("Città", "citta"),
        ("Seats", "Seats"),
        ("e-mail (work)", "e_mail__work_"),
    ],
)
def test_an_attributes_name_is_normalised(empty_sandbox, name, sent):
    apply(empty_sandbox, "leads", **{"email": "ada@example.com", name: 1})
    assert attributes_of(empty_sandbox) == {sent: 1}


def test_an_attributes_name_can_be_kept_or_reject_its_record(make_sandbox):
    sandbox = make_sandbox(users=0, leads=0, quirks={"attribute_names": "accept"})
    fields = {"email": "ada@example.com", "Company name": "x"}
    apply(sandbox, "leads", config={"attribute_names": "keep"}, **fields)
    assert attributes_of(sandbox) == {"Company name": "x"}
    run = apply(sandbox, "leads", config={"attribute_names": "reject"}, **fields)
    assert "Company name" in run.rejects[0]["reason"]


def test_two_columns_that_become_one_are_an_error_before_anything_is_sent(empty_sandbox):
    properties = {name: {} for name in ("email", "Company name", "company name")}
    run = apply(empty_sandbox, "leads", properties, email="ada@example.com")
    assert run.code == 1
    assert len(run.complaints) == 1
    assert not empty_sandbox.requests


def test_two_keys_of_attributes_that_become_one_reject_that_record(empty_sandbox):
    run = apply(empty_sandbox, "leads", email="ada@example.com", attributes={"a b": 1, "a-b": 2})
    assert "another key becomes a_b" in run.rejects[0]["reason"]
    assert not empty_sandbox.requests


DATE = {"type": ["null", "string"], "format": "date"}
MOMENT = {"anyOf": [{"type": "null"}, {"type": "string", "format": "date-time"}]}


def test_what_the_schema_calls_a_date_goes_out_as_unix_seconds(empty_sandbox):
    apply(
        empty_sandbox,
        "leads",
        {
            "email": {"type": "string"},
            "day": DATE,
            "at": MOMENT,
            "text": {"type": "string"},
            "attributes": {"anyOf": [{"type": "null"}, {"properties": {"inner": MOMENT}}]},
        },
        email="ada@example.com",
        day="2026-01-02",
        at="2026-01-02T03:04:05+02:00",
        text="2026-01-02",
        late="2026-01-02",
        attributes={"inner": "2026-01-02 00:00:00+00"},
    )
    assert attributes_of(empty_sandbox) == {
        "day": 1767312000,
        "at": 1767315845,
        "text": "2026-01-02",
        "late": "2026-01-02",
        "inner": 1767312000,
    }


def test_read_only_fields_of_the_tap_are_left_out(empty_sandbox):
    apply(
        empty_sandbox,
        "users",
        email="ada@example.com",
        crmhero_user_id=7,
        last_update="2026-01-01T00:00:00Z",
        city="Rome",
        is_user=True,
        additional_fields={"x": 1},
        user_segments=[{"name": "s"}],
        plan="pro",
    )
    assert attributes_of(empty_sandbox, kind="users") == {"plan": "pro"}


def test_a_read_only_name_that_is_ones_own_column_can_be_mapped_to_itself(empty_sandbox):
    config = {"streams": {"leads": {"mapping": {"city": "city"}}}}
    apply(empty_sandbox, "leads", config=config, email="ada@example.com", city="Rome")
    assert attributes_of(empty_sandbox) == {"city": "Rome"}


def test_blank_cells_wipe_nothing_unless_they_are_sent(empty_sandbox):
    empty_sandbox.upsert("leads", {"email": "ada@example.com", "name": "Ada"})
    blank = {"email": "ada@example.com", "name": "", "plan": None, "seats": " ", "tags": ""}
    apply(empty_sandbox, "leads", **blank)
    assert empty_sandbox.find("leads", email="ada@example.com")["name"] == "Ada"
    assert attributes_of(empty_sandbox) == {}
    apply(empty_sandbox, "leads", config={"empty_values": "send"}, **blank)
    assert empty_sandbox.find("leads", email="ada@example.com")["name"] == ""
    assert attributes_of(empty_sandbox) == {"plan": "", "seats": ""}


@pytest.mark.parametrize(
    ("mode", "rejected", "attributes"),
    [("attributes", 0, {"plan": "pro"}), ("ignore", 0, {}), ("reject", 1, None)],
)
def test_unknown_fields(empty_sandbox, mode, rejected, attributes):
    run = apply(
        empty_sandbox,
        "leads",
        config={"unknown_fields": mode},
        email="ada@example.com",
        plan="pro",
    )
    assert len(run.rejects) == rejected
    if attributes is not None:
        assert attributes_of(empty_sandbox) == attributes


def test_long_text_is_refused_or_cut(empty_sandbox):
    fields = {"email": "ada@example.com", "bio": "é" * 129}
    run = apply(empty_sandbox, "leads", **fields)
    assert "bio: text of 129 characters" in run.rejects[0]["reason"]
    apply(empty_sandbox, "leads", config={"long_text": "truncate"}, **fields)
    assert attributes_of(empty_sandbox) == {"bio": "é" * 128}


@pytest.mark.parametrize(
    "email", ["ada", "ada@", "@example.com", "a b@example.com", "ada@example", 7]
)
def test_what_is_no_address_is_rejected_with_a_reason_and_never_sent(empty_sandbox, email):
    run = apply(empty_sandbox, "leads", email=email, name="Ada")
    (reject,) = run.rejects
    assert "email" in reject["reason"]
    assert (reject["status"], reject["attempts"], reject["line"]) == (None, 0, 2)
    assert reject["record"] == {"email": email, "name": "Ada"}
    assert not empty_sandbox.requests


@pytest.mark.parametrize("cells", [{}, {"email": "", "name": None}, {"_sdc_source_lineno": 7}])
def test_a_record_of_which_nothing_is_filled_is_blank(empty_sandbox, cells):
    run = apply(empty_sandbox, "leads", **cells)
    assert (run.code, run.rejects) == (0, [])
    assert "leads: 0 applied, 0 unchanged, 0 skipped, 1 blank, 0 rejected" in run.stderr
    assert not empty_sandbox.requests


def test_a_delete_needs_nothing_but_what_names_the_contact(empty_sandbox):
    empty_sandbox.upsert("leads", {"email": "ada@example.com"})
    run = apply(empty_sandbox, "leads", email="ada@example.com", bio="x" * 300, _operation="delete")
    assert run.code == 0
    assert empty_sandbox.find("leads", email="ada@example.com") is None


@pytest.mark.parametrize("mark", ["2026-01-01T00:00:00Z", 1])
def test_a_soft_deleted_record_is_deleted(empty_sandbox, mark):
    empty_sandbox.upsert("users", {"email": "ada@example.com"})
    apply(empty_sandbox, "users", email="ada@example.com", _sdc_deleted_at=None, name="Ada")
    assert empty_sandbox.find("users", email="ada@example.com")["name"] == "Ada"
    apply(empty_sandbox, "users", email="ada@example.com", _sdc_deleted_at=mark)
    assert empty_sandbox.find("users", email="ada@example.com") is None


def test_the_first_pattern_that_matches_applies(empty_sandbox):
    config = {
        "streams": {
            "newsletter_vip": {"resource": "users"},
            "newsletter_*": {
                "resource": "leads",
                "mapping": {"E-mail": "email", "Full name": "name"},
            },
        }
    }
    fields = {"E-mail": "ada@example.com", "Full name": "Ada"}
    apply(empty_sandbox, "newsletter_2026", config=config, **fields)
    assert empty_sandbox.find("leads", email="ada@example.com")["name"] == "Ada"
    apply(empty_sandbox, "newsletter_vip", config=config, email="lin@example.com")
    assert empty_sandbox.find("users", email="lin@example.com")


@pytest.mark.parametrize(
    "streams",
    [
        {"x": {"resource": "contacts"}},
        {"x": {"resource": "leads", "operation": "unsubscribe"}},
        {"x": {"mapping": {}}},
        {"x": {"resource": "leads", "mappings": {}}},
    ],
)
def test_a_mapping_to_what_does_not_exist_is_an_error_before_anything_is_sent(
    empty_sandbox, streams
):
    run = apply(empty_sandbox, "leads", config={"streams": streams}, email="ada@example.com")
    assert run.code == 1
    assert len(run.complaints) == 1
    assert not empty_sandbox.requests


@pytest.mark.parametrize("email", ["a+b@example.com", "o'neil%40@exämple.org", "Ada@Example.COM"])
def test_an_address_goes_out_as_it_came_and_finds_its_contact(empty_sandbox, email):
    apply(empty_sandbox, "users", email=email, user_id=7)
    assert empty_sandbox.contacts("users")[0]["email"] == email
    apply(empty_sandbox, "users", email=email, _operation="unsubscribe")
    assert empty_sandbox.contacts("users")[0]["unsubscribe"] == 1
    apply(empty_sandbox, "tags", tag="vip", email=email)
    assert empty_sandbox.find("users", email=email)["user_tags"] == ["vip"]
    apply(empty_sandbox, "users", email=email, _operation="delete")
    assert not empty_sandbox.contacts("users")


def test_an_upsert_by_id_looks_the_address_up(empty_sandbox):
    empty_sandbox.upsert("users", {"email": "ada@example.com", "user_id": "7"})
    run = apply(empty_sandbox, "users", user_id=7, name="Ada", plan="pro")
    assert run.code == 0
    assert empty_sandbox.find("users", email="ada@example.com")["name"] == "Ada"
    run = apply(empty_sandbox, "users", user_id="8", name="Lin")
    assert "exist" in run.rejects[0]["reason"]
    run = apply(empty_sandbox, "leads", user_id="7", name="Ada")
    assert run.rejects[0]["status"] is None


def test_unsubscribe_by_address_needs_a_user_id_at_the_api(empty_sandbox):
    empty_sandbox.upsert("users", {"email": "ada@example.com"})
    run = apply(empty_sandbox, "users", email="ada@example.com", _operation="unsubscribe")
    assert "no user_id" in run.rejects[0]["reason"]
    run = apply(empty_sandbox, "users", email="gone@example.com", _operation="unsubscribe")
    assert run.code == 0
    assert not run.rejects


def test_json_that_only_python_writes_is_read(empty_sandbox):
    lines = [json.dumps(schema("leads")), '{"type": "RECORD", "stream": "leads", "record": ']
    lines[1] += '{"email": "ada@example.com", "score": NaN, "plan": "pro"}}'
    run = run_target(empty_sandbox.config, "\ufeff" + "\n\n".join([*lines, lines[1]]))
    assert run.code == 0, run.stderr
    assert attributes_of(empty_sandbox) == {"plan": "pro"}
    assert run.stderr.count("holds NaN, which JSON does not have") == 1


@pytest.mark.parametrize("number", ["-1e400", "1E+999", "Infinity", "-Infinity", "9" * 5_000])
def test_a_number_that_nothing_can_hold_is_rejected_and_kept_as_text(empty_sandbox, number):
    record = f'{{"email": "ada@example.com", "attributes": {{"scores": [1, {number}]}}}}'
    good = '{"email": "bob@example.com", "attributes": {"score": -1e40}}'
    lines = [f'{{"type": "RECORD", "stream": "leads", "record": {one}}}' for one in (record, good)]
    run = run_target(empty_sandbox.config, "\n".join([json.dumps(schema("leads")), *lines]))
    assert run.code == 1, run.stderr
    [reject] = run.rejects
    assert reject["reason"] == "check: attributes.scores: the number is too large"
    assert reject["record"]["attributes"] == {"scores": [1, number]}
    assert attributes_of(empty_sandbox, "bob@example.com") == {"score": -1e40}


def test_companies_members_messages_and_calls(empty_sandbox):
    empty_sandbox.upsert("users", {"email": "ada@example.com", "user_id": "7"})
    streams = {
        "companies": {"company_id": "c1", "company_name": "Acme", "Seats left": 5},
        "company_members": {"company_id": "c1", "user_id": 7},
        "messages": {
            "from": '{"type": "admin", "id": 3}',
            "to": {"type": "user", "email": "ada@example.com"},
            "content": "Hello",
        },
        "api_calls": {
            "method": "post",
            "url": "/v1/users/add-attributes/7",
            "body": '{"attributes": {"plan": "pro"}}',
        },
    }
    for stream, fields in streams.items():
        run = apply(empty_sandbox, stream, **fields)
        assert (run.code, run.rejects) == (0, []), stream
    state = empty_sandbox.state()
    assert state["companies"][0]["attributes"] == {"seats_left": 5}
    assert state["messages"][0]["content"] == "Hello"
    assert state["users"][0]["companies"][0]["company_id"] == "c1"
    assert attributes_of(empty_sandbox, kind="users") == {"plan": "pro"}


@pytest.mark.parametrize(
    "url", ["//evil.example/x", "https://evil.example/x", "/v1/../x", "users/list", "/v1/x\r\nA: b"]
)
def test_a_call_never_leaves_the_host(empty_sandbox, url):
    run = apply(empty_sandbox, "api_calls", method="GET", url=url)
    assert run.rejects[0]["status"] is None
    assert not empty_sandbox.requests


@pytest.mark.parametrize("fault", ["reset_after", "html", "slow"])
@pytest.mark.parametrize(
    ("stream", "fields"),
    [
        ("messages", {"from": {"id": 3}, "to": {"email": "ada@example.com"}, "content": "Hi"}),
        ("api_calls", {"method": "POST", "url": "/v1/messages", "body": {"content": "Hi"}}),
    ],
)
def test_what_may_have_been_sent_is_not_sent_again(empty_sandbox, fault, stream, fields):
    arguments = {"html": {"status": 502}, "slow": {"seconds": 2.0}}.get(fault, {})
    empty_sandbox.fail(fault, method="POST", path="messages", **arguments)
    run = apply(empty_sandbox, stream, config={"request_timeout": 0.5}, **fields)
    (reject,) = run.rejects
    assert reject["attempts"] == 1
    sent = [each for each in empty_sandbox.requests if each["method"] == "POST"]
    assert len(sent) == 1
