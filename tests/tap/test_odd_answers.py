"""One odd answer empties no warehouse: what looks gone is asked for again, and compared."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from customerly_sandbox import Sandbox

from tests.support.stub import StubServer, answer, ok
from tests.support.tap import run_tap, selecting
from tests.tap.expected import by_id


def full_table(*names, config=None):
    return selecting(*names, config=config, replication_method="FULL_TABLE")


@pytest.fixture
def between(sandbox, api_settings):
    """A server in front of the sandbox, and settings that reach the sandbox through it."""
    with StubServer(upstream=sandbox.url) as stub:
        yield stub, {**api_settings, "api_url": stub.url, "page_size": 5}


def page_of(request):
    query = parse_qs(urlsplit(request["path"]).query)
    return int(query["page"][0]), query["sort_direction"][0]


def on_page(number, content, times=1, direction="asc"):
    """An answer to the first so many requests for a page; others go through."""
    left = [times]

    def step(request):
        if page_of(request) != (number, direction) or not left[0]:
            return None
        left[0] -= 1
        return content

    return step


NO_LISTS = [{"data": None}, {"data": {}}, {"data": {"users": None}}, {"data": {"users": {}}}]


@pytest.mark.parametrize("stream", ["users", "tags", "accounts", "knowledge_base_collections"])
@pytest.mark.parametrize("body", NO_LISTS)
def test_what_is_no_list_is_tried_again_and_then_an_error(body, stream, between):
    stub, config = between
    stub.on("GET", "*", answer(body=body))
    run = run_tap(config, catalog=full_table(stream))
    assert run.code == 1
    assert len(stub.requests) == config["max_attempts"]
    assert run.of("ACTIVATE_VERSION") == []
    assert "holds no list" in run.complaints[-1]


@pytest.mark.parametrize("body", NO_LISTS)
def test_what_is_no_list_once_costs_one_more_request(body, sandbox, between):
    stub, config = between
    stub.on("GET", "users/list", answer(body=body), None)
    run = run_tap(config, catalog=full_table("users"))
    assert run.code == 0
    assert by_id(run.records("users")).keys() == by_id(sandbox.contacts("users")).keys()
    assert len(run.of("ACTIVATE_VERSION")) == 1


def test_a_page_past_the_end_may_be_refused(sandbox, between):
    stub, config = between
    sandbox.set_quirks(largest_page=3)  # every page is short: none of them is the end
    past = answer(404, {"error": {"message": "Page not found", "code": 0}})
    pages = len(sandbox.contacts("users")) // 3
    stub.on("GET", "users/list", lambda asked: past if page_of(asked)[0] >= pages else None)
    run = run_tap(config, catalog=full_table("users"))
    assert run.code == 0, run.stderr
    assert by_id(run.records("users")).keys() == by_id(sandbox.contacts("users")).keys()
    assert len(run.of("ACTIVATE_VERSION")) == 1


EMPTY = ok({"users": []})


@pytest.mark.parametrize("page", range(8))
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_one_empty_page_hides_no_contact(direction, page, sandbox, between):
    """Whichever page is empty once, all contacts are read before any is taken for gone."""
    stub, config = between
    stub.on("GET", "users/list", on_page(page, EMPTY, direction=direction))
    run = run_tap(config, catalog=full_table("users"))
    assert run.code == 0, run.stderr
    assert by_id(run.records("users")).keys() == by_id(sandbox.contacts("users")).keys()


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize("page", range(6))
def test_an_empty_page_before_a_full_one_is_no_complete_picture(page, concurrency, make_sandbox):
    sandbox = make_sandbox(users=500, leads=0)
    with StubServer(upstream=sandbox.url) as stub:
        stub.on("GET", "users/list", on_page(page, EMPTY, times=2))
        config = {**sandbox.config, "api_url": stub.url, "max_concurrency": concurrency}
        run = run_tap({**config, "page_size": 50}, catalog=full_table("users"))
    assert run.code == 0, run.stderr
    gone = by_id(sandbox.contacts("users")).keys() - set(run.ids("users"))
    assert not gone or run.of("ACTIVATE_VERSION") == []


def test_an_empty_page_that_stays_is_no_complete_picture_and_moves_no_bookmark(make_sandbox):
    sandbox = make_sandbox(users=500, leads=0)
    with StubServer(upstream=sandbox.url) as stub:
        stub.on("GET", "users/list", on_page(2, EMPTY, times=10**6))
        config = {**sandbox.config, "api_url": stub.url}
        run = run_tap(config, catalog=full_table("users"))
        assert run.of("ACTIVATE_VERSION") == []
        assert any("Page 2 of the list is empty or short" in line for line in run.complaints)
        run = run_tap(config, catalog=selecting("users"))
        assert run.code == 0
        assert "replication_key_value" not in run.state["bookmarks"]["users"]
        stub.on("GET", "*", None)
        stub._rules.pop(0)  # from here on the page is as it should be
        rest = run_tap(config, catalog=selecting("users"), state=run.state)
    read = {*run.ids("users"), *rest.ids("users")}
    assert read == by_id(sandbox.contacts("users")).keys()


@pytest.mark.parametrize(
    ("stream", "path", "key"),
    [
        ("users", "users/list", "crmhero_user_id"),
        ("tags", "tags", "name"),
        ("accounts", "accounts", "account_id"),
        ("knowledge_base_collections", "knowledge/collections", "knowledge_base_collection_id"),
        ("knowledge_base_writers", "knowledge/writers", "writer_id"),
        ("other", "accounts", "account_id"),
        ("user_details", "users/list", "crmhero_user_id"),
    ],
)
def test_one_empty_answer_after_a_complete_read_marks_nothing_as_gone(stream, path, key, between):
    stub, config = between
    own = [{"name": "other", "path": "accounts/", "primary_keys": ["account_id"]}]
    config |= {"custom_streams": own}
    catalog = full_table(stream, config=config)
    before = run_tap(config, catalog=catalog)
    everything = {record[key] for record in before.records(stream)}
    assert len(before.of("ACTIVATE_VERSION", stream)) == 1
    stub.on("GET", path, ok([]), None)
    after = run_tap(config, catalog=catalog, state=before.state)
    assert after.code == 0
    assert {record[key] for record in after.records(stream)} == everything
    assert len(after.of("ACTIVATE_VERSION", stream)) == 1


def test_fewer_tags_than_before_are_asked_for_again(sandbox, between):
    stub, config = between
    before = run_tap(config, catalog=full_table("tags"))
    stub.on("GET", "tags", ok(["vip"]), None)
    after = run_tap(config, catalog=full_table("tags"), state=before.state)
    assert [record["name"] for record in after.records("tags")] == sandbox.state()["tags"]
    assert len(after.of("ACTIVATE_VERSION")) == 1


def test_answers_that_go_on_to_differ_are_no_complete_picture(between):
    stub, config = between
    before = run_tap(config, catalog=full_table("tags"))
    stub.on("GET", "tags", ok(["a"]), ok(["b"]), ok(["c"]), ok(["d"]))
    after = run_tap(config, catalog=full_table("tags"), state=before.state)
    assert after.code == 0
    assert after.of("ACTIVATE_VERSION") == []


# --- max_gone_percent ---------------------------------------------------------------------------


def remove(sandbox, count):
    for contact in sandbox.contacts("users")[:count]:
        sandbox.store.remove(sandbox.store.contact(contact["crmhero_user_id"]))


def activated(config, state=None):
    run = run_tap(config, catalog=full_table("users"), state=state)
    assert run.code == 0, run.stderr
    return bool(run.of("ACTIVATE_VERSION")), run


@pytest.fixture
def many() -> Sandbox:
    with Sandbox(300, 0) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("percent", "gone", "sent"),
    [(50, 150, True), (50, 151, False), (10, 40, False), (100, 299, True)],
)
def test_a_read_that_misses_too_much_is_held_back(percent, gone, sent, many):
    config = {**many.config, "max_gone_percent": percent}
    _, before = activated(config)
    remove(many, gone)
    held, run = activated(config, before.state)
    assert held is sent
    assert any("max_gone_percent" in line for line in run.complaints) is not sent


def test_the_next_run_that_finds_the_same_confirms_it(many):
    _, before = activated(many.config)
    remove(many, 200)
    held, run = activated(many.config, before.state)
    assert not held
    sent, run = activated(many.config, run.state)
    assert sent
    assert run.state["bookmarks"]["users"] == {"complete_rows": 100}


def test_another_odd_read_confirms_nothing(many):
    _, before = activated(many.config)
    remove(many, 200)
    _, run = activated(many.config, before.state)
    remove(many, 80)
    sent, run = activated(many.config, run.state)
    assert not sent
    sent, _ = activated(many.config, run.state)
    assert sent


def test_a_read_as_large_as_ever_forgets_the_odd_one(many):
    state = {"bookmarks": {"users": {"complete_rows": 300, "held_back_rows": 10}}}
    sent, run = activated(many.config, state)
    assert sent
    assert run.state["bookmarks"]["users"] == {"complete_rows": 300}


@pytest.mark.parametrize("stream", ["users", "accounts", "knowledge_base_collections"])
@pytest.mark.parametrize("item", [None, 5, "x", "null", True, []])
def test_an_item_that_is_no_object_is_tried_again_and_then_an_error(item, stream, between):
    stub, config = between
    key = {"crmhero_user_id": 1, "account_id": 1, "knowledge_base_collection_id": 1}
    stub.on("GET", "*", answer(body={"data": {"users": [key, item]}}))
    run = run_tap(config, catalog=full_table(stream))
    assert run.code == 1
    assert len(stub.requests) == config["max_attempts"]
    assert run.of("ACTIVATE_VERSION") == []
    assert "holds no list of objects" in run.complaints[-1]
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("odd", [[None], [{"name": None}, {"name": ["x"]}], [True, [], {}]])
def test_tags_without_a_name_are_counted_and_make_no_other_one_gone(odd, between):
    stub, config = between
    stub.on("GET", "tags", ok(["vip", odd[0], 5, *odd[1:], "vip"]))
    run = run_tap(config, catalog=full_table("tags"))
    assert run.code == 0
    assert [record["name"] for record in run.records("tags")] == ["vip", "5"]
    assert run.of("ACTIVATE_VERSION") == []
    assert f"{len(odd)} records without name" in run.complaints[-1]
    assert "nothing that is missing is taken for gone" in run.complaints[-1]


@pytest.mark.parametrize("contact", [{"last_update": 1_700_000_001}, {"email": "x@example.com"}])
@pytest.mark.parametrize("method", ["FULL_TABLE", "INCREMENTAL"])
def test_one_contact_without_its_key_on_every_page_is_the_same_page(method, contact, between):
    stub, config = between
    stub.on("GET", "users/list", ok({"users": [contact]}))
    run = run_tap(config, catalog=selecting("users", replication_method=method))
    assert run.code == 0, run.stderr
    assert run.of("ACTIVATE_VERSION") == []
    assert any("repeats page 0" in line for line in run.complaints)
    assert len(stub.requests) < 20


def test_pages_that_begin_with_contacts_without_their_key_are_all_read(sandbox, between):
    """Two contacts without a key are not one, so no page is taken for a repeated one."""
    stub, config = between

    def page(request):
        number, _ = page_of(request)
        users = [{"name": f"n{number}"}, {"crmhero_user_id": number + 1}]
        return ok({"users": users if number < 6 else []})

    stub.on("GET", "users/list", page)
    run = run_tap(config, catalog=full_table("users"))
    assert run.code == 0, run.stderr
    assert sorted(run.ids("users")) == [1, 2, 3, 4, 5, 6]
    assert not any("repeats" in line for line in run.complaints)


def test_a_list_that_never_ends_is_an_error_in_one_line(between):
    stub, config = between

    def page(request):
        number, _ = page_of(request)
        return ok({"users": [{"crmhero_user_id": number % 10**9, "last_update": 1_700_000_000}]})

    stub.on("GET", "users/list", page)
    run = run_tap(config, catalog=full_table("users"))
    assert run.code == 1
    assert "The list has no end" in run.complaints[-1]
    assert "Traceback" not in run.stderr
    assert len(stub.requests) < 100


@pytest.mark.parametrize("plain", [True, False])
def test_an_item_that_is_no_object_once_costs_one_more_request(plain, sandbox, between):
    stub, config = between
    stub.on("GET", "users/list", ok({"users": [{"crmhero_user_id": 1}, None, "x"]}), None)
    if not plain:
        config |= {"flattening_enabled": True, "flattening_max_depth": 1}
    run = run_tap(config, catalog=full_table("users"))
    assert run.code == 0
    assert by_id(run.records("users")).keys() == by_id(sandbox.contacts("users")).keys()
    assert len(run.of("ACTIVATE_VERSION")) == 1


def test_a_contact_without_its_key_makes_no_other_one_gone(between):
    stub, config = between
    users = [{"crmhero_user_id": 1, "last_update": 1_700_000_000}, {"last_update": 1_700_000_001}]

    def page(request):
        number, direction = page_of(request)
        step = 1 if direction == "asc" else -1
        return answer(body={"data": {"users": users[::step] if number == 0 else []}})

    stub.on("GET", "users/list*", page)
    run = run_tap(config, catalog=full_table("users"))
    assert run.code == 0
    assert len(run.of("RECORD")) == 1
    assert run.of("ACTIVATE_VERSION") == []
    assert "nothing that is missing is taken for gone" in run.complaints[-1]


def test_few_records_are_no_share(make_sandbox):
    sandbox = make_sandbox(users=99, leads=0)
    _, before = activated(sandbox.config)
    remove(sandbox, 98)
    sent, _ = activated(sandbox.config, before.state)
    assert sent


@pytest.mark.parametrize("rows", [None, "x", -1, True, []])
def test_a_damaged_count_counts_as_absent(rows, many):
    state = {"bookmarks": {"users": {"complete_rows": rows, "held_back_rows": rows}}}
    sent, _ = activated(many.config, state)
    assert sent
