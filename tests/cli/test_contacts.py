"""`customerly users …` and `customerly leads …`."""

from __future__ import annotations

import pytest
from customerly.cli.listing import pages
from customerly.errors import CustomerlyError

KINDS = ("users", "leads")


# --- list --------------------------------------------------------------------------------------


def test_a_limited_list_is_one_request_in_that_order(run, sandbox):
    names = [each["name"] for each in run("users list --limit 10 --sort name --desc").lines]
    assert len(names) == 10
    asked = {"page": "0", "per_page": "10", "sort": "name", "sort_direction": "desc"}
    assert [request["query"] for request in sandbox.requests] == [asked]
    newest_first = [each["name"] for each in run("users list --sort name --desc").lines]
    assert names == newest_first[:10]


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_is_complete_and_as_the_api_gives_it(run, sandbox, kind):
    found = run(f"{kind} list").lines
    there = [each["email"] for each in sandbox.contacts(kind)]
    assert [each["email"] for each in found] == there
    assert sandbox.requests[0]["query"]["sort"] == "last_update"
    assert sandbox.requests[-1]["count"] == 0  # only an empty page is the end


def test_a_server_that_caps_pages_in_silence_ends_nothing_early(run, make_sandbox):
    capped = make_sandbox(token="cli-secret-81f7", users=230, quirks={"largest_page": 40})
    env = {"CUSTOMERLY_API_URL": capped.url}
    assert len(run("users list", env=env).lines) == 230
    assert len(run("users list --limit 100", env=env).lines) == 100


def test_a_limit_beyond_one_page(run, make_sandbox):
    large = make_sandbox(token="cli-secret-81f7", users=330)
    found = run("users list --limit 250", env={"CUSTOMERLY_API_URL": large.url}).lines
    assert len({int(each["crmhero_user_id"]) for each in found}) == len(found) == 250
    assert large.counters["total"] == 3


def test_one_that_comes_again_is_left_out(run, make_sandbox):
    moving = make_sandbox(token="cli-secret-81f7", users=250)
    moving.mutate(rate=1.0, deletes=0, updates=0, inserts=1)
    found = run("users list --desc", env={"CUSTOMERLY_API_URL": moving.url}).lines
    assert len({int(each["crmhero_user_id"]) for each in found}) == len(found) == 250


def test_a_list_that_never_ends_is_given_up():
    page = [{"crmhero_user_id": 1, "email": "ada@example.com"}]
    with pytest.raises(CustomerlyError, match="Pages 0 and 1 of the list are the same"):
        list(pages(lambda *_: page, None))


def test_a_table_is_readable_and_steers_no_terminal(run, sandbox):
    sandbox.upsert("users", {"email": "x@example.com", "name": "\x1b[31mRed\x07 [bold]"})
    ran = run("users list --table", env={"COLUMNS": "120"})
    assert ran.code == 0
    assert all(
        name in ran.stdout for name in ("crmhero_user_id", "x@example.com", "[31mRed", "[bold]")
    )
    assert not {"\x1b", "\x07"} & set(ran.stdout)


# --- get ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_get_by_email(run, sandbox, kind):
    email = "ada+test@example.com"  # an unencoded + would be a blank
    sandbox.upsert(kind, {"email": email, "name": "Ada"})
    sandbox.tag("vip", **{kind: [{"email": email}]})
    found = run(f"{kind} get", "--email", email).only
    assert (found["email"], found["name"]) == (email, "Ada")
    assert found["user_tags"] == ["vip"]


def test_get_by_user_id(run, sandbox):
    sandbox.upsert("users", {"email": "ada@example.com", "user_id": "a/b ü"})
    assert run("users get", "--user-id", "a/b ü").only["email"] == "ada@example.com"
    table = run("users get", "--user-id", "a/b ü", "--table").stdout
    assert "ada@example.com" in table


@pytest.mark.parametrize("status", [200, 404, 400, 500])
def test_get_of_nobody(run, sandbox, status):
    sandbox.set_quirks(missing_contact_status=status)
    assert run("leads get", "--email", "no@example.com").failed() == (
        "Error: There is no lead no@example.com"
    )


@pytest.mark.parametrize("command", ["get", "delete"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("users", []),
        ("users", ["--email", "a@b.example", "--user-id", "7"]),
        ("users", ["--email", ""]),
        ("leads", []),
        ("leads", ["--user-id", "7"]),
    ],
)
def test_exactly_one_key(run, sandbox, command, arguments):
    kind, options = arguments
    assert f"customerly {kind} {command} --help" in run(f"{kind} {command}", *options).failed(2)
    assert sandbox.requests == []


# --- upsert ------------------------------------------------------------------------------------


def test_upsert_creates_and_reads_values(run, sandbox):
    given = {
        "seats": ("5", 5),
        "price": ("1.5", 1.5),
        "active": ("true", True),
        "closed": ("false", False),
        "zip": ('"01234"', "01234"),
        "code": ("01234", "01234"),
        "nothing": ("null", "null"),
        "odd": ("NaN", "NaN"),
        "huge": ("1e999", "1e999"),
        "list": ("[1]", "[1]"),
        "formula": ("a=b", "a=b"),
        "text": ("Zoë", "Zoë"),
    }
    options = [
        text for key, (value, _) in given.items() for text in ("--attribute", f"{key}={value}")
    ]
    told = run(
        "users",
        "upsert",
        "--email",
        "ada@example.com",
        "--name",
        "Ada",
        "--user-id",
        "key 9",
        *options,
    ).only
    stored = sandbox.find("users", "ada@example.com")
    wanted = {key: value for key, (_, value) in given.items()}
    assert told == {
        "email": "ada@example.com",
        "name": "Ada",
        "user_id": "key 9",
        "attributes": wanted,
    }
    assert stored["attributes"] == wanted
    assert (stored["name"], stored["user_id"]) == ("Ada", "key 9")


@pytest.mark.parametrize("kind", KINDS)
def test_upsert_adds_tags_and_keeps_the_others(run, sandbox, kind):
    sandbox.set_quirks(inline_tags="replace")
    sandbox.upsert(kind, {"email": "ada@example.com"})
    sandbox.tag("old", **{kind: [{"email": "ada@example.com"}]})
    told = run(f"{kind} upsert --email ada@example.com --tag vip --tag new --tag vip").only
    assert told == {"email": "ada@example.com", "tags": ["vip", "new"]}
    assert sandbox.find(kind, "ada@example.com")["user_tags"] == ["old", "vip", "new"]


@pytest.mark.parametrize("form", ["object", "email", "index", "count", "batch"])
def test_upsert_that_is_refused(run, sandbox, form):
    sandbox.set_quirks(refusals=form)
    sandbox.reject("ada@example.com", reason="The address is invalid")
    line = run("users upsert", "--email", "ada@example.com", "--tag", "vip").failed()
    if form in {"object", "batch"}:
        assert "The address is invalid" in line
    else:
        assert line == ("Error: The user was not stored: the API refused it and gave no reason")
    assert sandbox.find("users", "ada@example.com") is None
    assert "vip" not in [request["path"] for request in sandbox.requests]


def test_upsert_whose_tag_is_refused(run, sandbox):
    sandbox.set_quirks(tag_unknown="report")
    sandbox.reject("ada@example.com", reason="No tags for you", writes=("tag",))
    line = run("users upsert", "--email", "ada@example.com", "--tag", "vip").failed()
    assert "was stored, but not tagged vip" in line
    assert sandbox.find("users", "ada@example.com")


@pytest.mark.parametrize(
    "options",
    [
        ["--name", "Ada"],
        ["--email", " "],
        ["--email", "ada@example.com", "--tag", ""],
        ["--email", "ada@example.com", "--attribute", "seats"],
        ["--email", "ada@example.com", "--attribute", "=5"],
        ["--email", "ada@example.com", "--attribute", "a=1", "--attribute", "a=2"],
    ],
)
def test_upsert_that_makes_no_sense(run, sandbox, options):
    run("users upsert", *options).failed(2)
    assert sandbox.requests == []


# --- delete ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", ["", "\n", "n\n", "what\n"])
def test_delete_asks_and_can_be_declined(run, sandbox, kind, answer):
    sandbox.upsert(kind, {"email": "ada@example.com"})
    ran = run(f"{kind} delete", "--email", "ada@example.com", answer=answer)
    assert "nothing was deleted" in ran.failed()
    assert f"Delete the {kind[:-1]} ada@example.com for ever" in ran.stderr
    assert sandbox.find(kind, "ada@example.com")


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize(
    ("kind", "key"), [("users", "email"), ("users", "user_id"), ("leads", "email")]
)
def test_delete(run, sandbox, kind, key, yes):
    contact = {"email": "ada@example.com", "user_id": "777"}
    sandbox.upsert(kind, contact)
    option = f"--{key.replace('_', '-')}"
    asked = {} if yes else {"answer": "y\n"}
    told = run(f"{kind} delete", option, contact[key], *["--yes"] * yes, **asked).only
    assert told == {key: contact[key], "deleted": True}
    assert sandbox.find(kind, "ada@example.com") is None


def test_delete_of_nobody(run, sandbox):
    assert run("users delete", "--email", "no@example.com", "--yes").failed() == (
        "Error: There is no user no@example.com"
    )
    assert {request["method"] for request in sandbox.requests} == {"GET"}


def test_delete_whose_answer_is_lost(run, sandbox):
    sandbox.upsert("users", {"email": "ada@example.com"})
    sandbox.fail("reset_after", method="DELETE", times=1)
    assert run("users delete", "--email", "ada@example.com", "--yes").only["deleted"] is True
