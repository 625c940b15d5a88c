"""Tags: `tags_mode` against an API that adds, replaces or ignores inline tags; the tags stream."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.target import record, schema

ADA = {"email": "ada@x.org"}


def prepared(make_target: Any, **quirks: Any) -> Any:
    target = make_target(**quirks)
    for kind in ("users", "leads"):
        target.sandbox.upsert(kind, ADA if kind == "users" else {"email": "lin@x.org"})
    target.sandbox.tag("old", users=[ADA], leads=[{"email": "lin@x.org"}])
    target.sandbox.tag("both", users=[ADA], leads=[{"email": "lin@x.org"}])
    return target


@pytest.mark.parametrize("inline", ["add", "replace", "ignore"])
@pytest.mark.parametrize("form", ["names", "objects"])
@pytest.mark.parametrize(("kind", "email"), [("users", "ada@x.org"), ("leads", "lin@x.org")])
def test_add_and_replace_depend_on_nothing_unknown(
    make_target: Any, inline: str, form: str, kind: str, email: str
) -> None:
    target = prepared(make_target, inline_tags=inline, user_tags_form=form)
    upsert = {"email": email, "tags": "both, new"}
    assert target.apply(kind, upsert).code == 0
    assert target.tags(email, kind) == ["both", "new", "old"]
    run = target.apply(kind, upsert, tags_mode="replace")
    assert run.code == 0, run.stderr
    assert target.tags(email, kind) == ["both", "new"]
    assert target.apply(kind, {"email": email}, tags_mode="replace").code == 0
    assert target.apply(kind, {"email": email, "tags": ""}, tags_mode="replace").code == 0
    assert target.tags(email, kind) == ["both", "new"]
    assert target.apply(kind, {"email": email, "tags": []}, tags_mode="replace").code == 0
    assert target.tags(email, kind) == []


@pytest.mark.parametrize(
    ("inline", "expected"),
    [("add", ["both", "new", "old"]), ("replace", ["both", "new"]), ("ignore", ["both", "old"])],
)
def test_inline_leaves_it_to_the_api(make_target: Any, inline: str, expected: list[str]) -> None:
    target = prepared(make_target, inline_tags=inline)
    run = target.apply("users", {**ADA, "tags": ["both", "new"]}, tags_mode="inline")
    assert run.code == 0
    assert target.tags("ada@x.org") == expected
    assert target.writes() == [("POST", "users")]


def test_blank_tags_wipe_nothing_inline(make_target: Any) -> None:
    target = prepared(make_target, inline_tags="replace")
    for blank in (None, "", []):
        assert target.apply("users", {**ADA, "tags": blank}, tags_mode="inline").code == 0
    assert target.tags("ada@x.org") == ["both", "old"]


def test_blank_tags_clear_where_told(make_target: Any) -> None:
    target = prepared(make_target)
    run = target.apply("users", {**ADA, "tags": None}, tags_mode="replace", empty_values="send")
    assert run.code == 0
    assert target.tags("ada@x.org") == []


def test_one_request_ties_many(target: Any) -> None:
    people = [{"email": f"p{i}@x.org", "tags": ["vip"]} for i in range(100)]
    assert target.apply("users", *people).code == 0
    assert target.writes() == [("POST", "users"), ("POST", "tags")]


@pytest.mark.parametrize("unknown", ["fail", "ignore", "report"])
@pytest.mark.parametrize("status", [200, 404, 500])
def test_a_tag_for_an_unknown_contact_is_rejected_alone(
    make_target: Any, unknown: str, status: int
) -> None:
    target = make_target(tag_unknown=unknown, missing_contact_status=status)
    people = [{"email": f"p{i}@x.org"} for i in range(20)]
    for person in people:
        target.sandbox.upsert("users", person)
    wanted = [{"tag": "vip", **person} for person in people]
    wanted.insert(7, {"tag": "vip", "email": "nobody@x.org"})
    run = target.apply("tags", *wanted)
    assert run.code == 1
    assert [r["record"]["email"] for r in run.rejects] == ["nobody@x.org"]
    assert all(target.tags(person["email"]) == ["vip"] for person in people)
    run = target.apply("tags", *[{**each, "untag": "true"} for each in wanted])
    assert run.code == 0, run.rejects
    assert all(target.tags(person["email"]) == [] for person in people)


def test_what_a_tags_record_can_mean(make_target: Any) -> None:
    target = prepared(make_target)
    run = target.run(
        [
            schema("tags"),
            record("tags", name="made"),
            record("tags", tag="vip", email="ada@x.org", _operation="tag", untag=True),
            record("tags", tag="both", email="ada@x.org", _operation="delete"),
            record("tags", tag="old", _sdc_deleted_at="2026-01-01T00:00:00Z"),
            record("tags", tag="vip", untag=True),
            record("tags", email="ada@x.org"),
            record("tags", tag="x", email="ada@x.org", contact_type="robot"),
        ]
    )
    assert [r["line"] for r in run.rejects] == [6, 7, 8]
    assert target.tags("ada@x.org") == ["vip"]
    assert target.tags("lin@x.org", "leads") == ["both"]
    assert sorted(target.sandbox.state()["tags"]) == ["both", "made", "vip"]


def test_untag_false_leaves_the_mapping_alone(make_target: Any) -> None:
    target = prepared(make_target)
    rules = {"gone": {"resource": "tags", "operation": "delete"}}
    run = target.apply("gone", {"tag": "old", **ADA, "untag": False}, streams=rules)
    assert run.code == 0
    assert target.tags("ada@x.org") == ["both"]


def test_a_refused_contact_gets_no_tags_and_a_refused_tag_says_so(make_target: Any) -> None:
    target = make_target()
    target.sandbox.reject("bad@x.org")
    target.sandbox.reject("odd@x.org", writes=["tag"], reason="no tags for you")
    run = target.apply(
        "users", *[{"email": f"{n}@x.org", "tags": ["vip"]} for n in ("ok", "bad", "odd")]
    )
    reasons = {r["record"]["email"]: r["reason"] for r in run.rejects}
    assert set(reasons) == {"bad@x.org", "odd@x.org"}
    assert "stored" in reasons["odd@x.org"]
    assert "stored" not in reasons["bad@x.org"]
    assert target.tags("ok@x.org") == ["vip"]
    assert {u["email"] for u in target.sandbox.contacts("users")} == {"ok@x.org", "odd@x.org"}
