"""Lists, as the contract describes them, and the quirks of lists."""

from __future__ import annotations

import pytest
from customerly.fields import FLAGS, INTEGERS, NUMBERS, SECONDS
from customerly_sandbox.fields import LISTED


def emails(contacts):
    return [contact["email"] for contact in contacts]


def test_pages_cover_the_list_in_order(api):
    pages = [api.list("users", page, 7) for page in range(6)]
    assert [len(page) for page in pages] == [7, 7, 7, 7, 2, 0]
    read = [contact for page in pages for contact in page]
    assert [c["last_update"] for c in read] == sorted(c["last_update"] for c in read)
    assert emails(read) == emails(api.sandbox.contacts("users"))
    assert len(api.list("leads")) == 12


def test_descending_is_the_reverse(api):
    assert api.list("users", sort_direction="desc") == api.list("users")[::-1]
    newest = api.list("users")[-3:][::-1]
    assert api.list("users", per_page=3, sort_direction="desc") == newest


def test_each_documented_field_is_there_in_its_documented_form(make_api):
    quirks = {"wire_forms": "documented", "timestamps": "integer", "empty_object": "object"}
    for contact in make_api(users=300, quirks=quirks).list("users"):
        assert contact.keys() >= LISTED
        assert all(contact[name] in (0, 1) for name in FLAGS)
        assert all(isinstance(contact[name], (int, type(None))) for name in (*INTEGERS, *SECONDS))
        assert all(isinstance(contact[name], (int, float, type(None))) for name in NUMBERS)
        assert isinstance(contact["attributes"], dict)


def test_by_default_forms_vary_from_contact_to_contact(make_api):
    contacts = make_api(users=300).list("users")
    assert {type(c["crmhero_user_id"]) for c in contacts} == {int, str}
    assert {type(c["is_user"]) for c in contacts} == {int, str, bool}
    assert {type(c["first_seen_at"]) for c in contacts} == {int, str}
    assert {type(c["attributes"]) for c in contacts} == {dict, list}
    assert all(c["attributes"] == [] for c in contacts if not c["attributes"])


@pytest.mark.parametrize(
    ("quirks", "field", "kinds"),
    [
        ({"wire_forms": "text"}, "crmhero_user_id", {str}),
        ({"wire_forms": "booleans"}, "unsubscribe", {bool}),
        ({"timestamps": "text"}, "first_seen_at", {str}),
        ({"last_update_form": "unix"}, "last_update", {int}),
        ({"empty_object": "null"}, "attributes", {dict, type(None)}),
        ({"user_id_form": "integer"}, "user_id", {int, str, type(None)}),
    ],
)
def test_forms_can_be_set(make_api, quirks, field, kinds):
    contacts = make_api(users=300, quirks=quirks).list("users")
    assert {type(contact[field]) for contact in contacts} == kinds


def test_last_update_forms_mean_the_same(api):
    text = [c["last_update"] for c in api.list("users")]
    api.sandbox.set_quirks(last_update_form="iso")
    iso = [c["last_update"] for c in api.list("users")]
    assert iso == [f"{value[:10]}T{value[11:]}Z" for value in text]


def test_size_of_a_page(make_api):
    api = make_api(users=250)
    assert len(api.list("users", per_page=101)) == 100
    assert len(api.data("GET", "users/list")["users"]) == 50
    assert len(api.list("users", per_page=0)) == 50
    assert len(api.list("users", per_page="many")) == 50
    api.sandbox.set_quirks(largest_page=20)
    assert len(api.list("users")) == 20
    assert len(api.list("users", page=12)) == 10
    api.sandbox.set_quirks(over_largest_page="refuse")
    assert api("GET", "users/list", per_page=21)[0] == 400


def test_sorting_by_any_documented_field(make_api):
    api = make_api(users=60)
    for field in sorted(LISTED - {"attributes"}):
        up = emails(api.list("users", sort=field))
        down = emails(api.list("users", sort=field, sort_direction="desc"))
        assert up == down[::-1]
        assert sorted(map(str, up)) == sorted(map(str, emails(api.list("users"))))
    names = [c["name"] for c in api.list("users", sort="name")]
    known = [name.casefold() for name in names if name is not None]
    assert names[: -len(known)] == [None] * (60 - len(known))
    assert known == sorted(known)


def test_sorting_follows_changes(api):
    assert api.list("users", sort="name", sort_direction="desc")[0]["name"] != "zzz 🌻"
    api.sandbox.upsert("users", {"email": "z@example.com", "name": "🌻🌻"})
    assert api.list("users", sort="name", sort_direction="desc")[0]["name"] == "🌻🌻"


def test_an_unknown_field_to_sort_by(api):
    numbers = [int(c["crmhero_user_id"]) for c in api.list("users", sort="nonsense")]
    assert numbers == sorted(numbers)
    api.sandbox.set_quirks(unknown_sort="refuse")
    assert api("GET", "users/list", sort="nonsense")[0] == 400
    api.sandbox.set_quirks(unknown_sort="empty")
    assert api.list("users", sort="nonsense") == []


def test_order_without_sort(api):
    api.sandbox.set_quirks(default_order="newest")
    assert api.list("users", sort="") == api.list("users", sort_direction="desc")
    api.sandbox.set_quirks(default_order="email")
    found = [e for e in emails(api.list("users", sort="")) if e]
    assert found == sorted(found, key=str.casefold)


@pytest.mark.parametrize("ties", ["id", "id_descending", "moment"])
def test_ties(make_api, ties):
    api = make_api(users=90, bulk=90, quirks={"ties": ties})
    assert len({c["last_update"] for c in api.list("users")}) == 1
    numbers = [int(c["crmhero_user_id"]) for c in api.list("users")]
    if ties == "moment":
        assert numbers not in (sorted(numbers), sorted(numbers, reverse=True))
    else:
        assert numbers == sorted(numbers, reverse=ties == "id_descending")


def test_ties_may_be_shuffled_for_each_page(make_api):
    api = make_api(users=250, bulk=190, quirks={"ties": "shuffled"})
    pages = [[api.list("users", page=page, per_page=100) for page in range(3)] for _ in range(2)]
    for read in pages:
        seconds = [contact["last_update"] for page in read for contact in page]
        assert len(seconds) == 250
        assert seconds == sorted(seconds)
    assert pages[0] != pages[1]
    numbers = [contact["crmhero_user_id"] for page in pages[0] for contact in page]
    assert len(set(numbers)) < 250, "some come twice, and others not at all"


def test_ties_may_keep_their_order_when_sorted_downwards(make_api):
    api = make_api(users=20, bulk=20, quirks={"ties_descending": "same"})
    assert api.list("users") == api.list("users", sort_direction="desc")
    api.sandbox.set_quirks(ties_descending="reversed")
    assert api.list("users") == api.list("users", sort_direction="desc")[::-1]


def test_contacts_without_a_date_come_first(make_api):
    dates = [c["last_update"] for c in make_api(undated=3).list("users")]
    assert dates[:3] == [None] * 3
    assert all(dates[3:])


def test_changes_shift_the_pages(api):
    before = emails(api.list("users"))
    api.sandbox.delete("users", email=before[2])
    assert emails(api.list("users", page=1, per_page=10)) == before[11:21]
    api.sandbox.upsert("users", {"email": before[0], "name": "Moved"})
    assert emails(api.list("users"))[-1] == before[0]
    assert emails(api.list("users", page=1, per_page=10)) == [*before[12:22]]


@pytest.mark.parametrize(
    ("form", "body"),
    [
        ("list", {"data": {"users": []}}),
        ("null", {"data": {"users": None}}),
        ("data_null", {"data": None}),
        ("data_empty", {"data": []}),
        ("missing", {"data": {}}),
    ],
)
def test_a_page_without_contacts(make_api, form, body):
    api = make_api(quirks={"empty_page": form})
    assert api("GET", "users/list", page=9, per_page=50) == (200, body)
    assert len(api.list("users")) == 30


def test_an_order_that_is_not_obeyed(make_api):
    api = make_api(quirks={"order_by_last_update": False, "wire_forms": "documented"})
    ids = [contact["crmhero_user_id"] for contact in api.list("users", sort="last_update")]
    assert ids == sorted(ids)
    updates = [contact["last_update"] for contact in api.list("users", sort="last_update")]
    assert updates != sorted(updates)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ("text", "2026-01-01 02:00:10"),
        ("iso", "2026-01-01T02:00:10Z"),
        ("unix", 1_767_225_610 + 7200),
    ],
)
def test_a_last_update_in_another_zone(make_api, form, shown):
    quirks = {"last_update_zone": 7200, "last_update_form": form}
    api = make_api(users=0, virtual_clock=True, quirks=quirks)
    api.sandbox.advance(10)
    api.sandbox.upsert("users", {"email": "a@b.example"})
    assert api.data("GET", "users", email="a@b.example")["last_update"] == shown


def test_changes_that_become_visible_late(make_api):
    api = make_api(virtual_clock=True)
    api.sandbox.advance(100)
    api.sandbox.upsert("users", {"email": "first@b.example"})
    api.sandbox.set_quirks(late_visible=30.0)
    api.sandbox.upsert("users", {"email": "late@b.example"})
    newest = emails(api.list("users", sort_direction="desc"))[:2]
    assert newest == ["first@b.example", "late@b.example"]
    late, first = (api.sandbox.find("users", f"{who}@b.example") for who in ("late", "first"))
    assert (late["last_update"][-2:], first["last_update"][-2:]) == ("10", "40")


def test_a_late_change_never_takes_a_contact_back(make_api):
    api = make_api(users=0, virtual_clock=True)
    api.sandbox.advance(100)
    api.sandbox.upsert("users", {"email": "a@b.example"})
    before = api.sandbox.find("users", "a@b.example")["last_update"]
    api.sandbox.set_quirks(late_visible=30.0)
    api.sandbox.upsert("users", {"email": "a@b.example", "name": "Ada"})
    assert api.sandbox.find("users", "a@b.example")["last_update"] == before


def test_others_changes_that_become_visible_late(make_api):
    api = make_api(virtual_clock=True, step=1.0)
    api.sandbox.mutate(rate=20.0, deletes=0, late=50)
    api.list("users")
    api.sandbox.mutate(rate=0)
    there = [c["email"] for c in api.sandbox.contacts("users")]
    made = [entry["email"] for entry in api.sandbox.history(mutation=True)]
    assert len(made) == 20
    last = {email: place for place, email in enumerate(made)}
    order = [last[email] for email in there if email in last]
    assert order != sorted(order)
