"""Which operations must not overtake each other, and which may travel side by side."""

from __future__ import annotations

import pytest
from target_customerly.ordering.keys import KeyMaker


def conflict(one, other):
    modes, others = ({**dict.fromkeys(keys.own), **dict(keys.shared)} for keys in (one, other))
    return any(
        modes[key] is None or modes[key] != others[key] for key in modes.keys() & others.keys()
    )


def upsert(email, user_id=None, *tags):
    return lambda make: make.upsert(email, user_id, tags)


def delete(email=None, user_id=None):
    return lambda make: make.delete(email, user_id)


def contact(email=None, user_id=None, *tags):
    return lambda make: make.contact(email, user_id, tags)


def delete_tag(tag):
    return lambda make: make.delete_tag(tag)


def everything(make):
    return make.everything()


def member(company, email=None, user_id=None, internal=None, *, changes=False):
    return lambda make: make.member(company, email, user_id, internal, changes_company=changes)


def company(number):
    return lambda make: make.company(number)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (upsert("a@x.org"), upsert("A@X.ORG")),
        (upsert("zoë@x.org"), upsert("ZOE@x.org")),
        (upsert("a@x.org", "1"), upsert("b@x.org", 1)),
        (upsert("a@x.org"), delete(user_id="1")),
        (delete(user_id="1"), upsert("a@x.org", "1")),
        (delete(user_id="1"), contact("a@x.org", None, "vip")),
        (upsert(None, "1"), delete("a@x.org")),
        (delete("a@x.org"), upsert("b@x.org", "1")),
        (upsert("b@x.org", "1"), delete("a@x.org")),
        (contact("a@x.org", None, "vip"), contact("a@x.org", None, "new")),
        (contact("a@x.org", None, "vip"), delete_tag("VIP")),
        (upsert("a@x.org", None, "vip"), delete_tag("vip")),
        (delete_tag("vip"), contact(None, None, "vip")),
        (member("c", "a@x.org"), member("c", "b@x.org", changes=True)),
        (member("c", "a@x.org"), company("c")),
        (member("c", internal="814"), delete(user_id="1")),
        (member("c", internal="814"), delete("a@x.org")),
        (everything, upsert("a@x.org")),
        (everything, everything),
        (company("c"), everything),
    ],
)
def test_these_keep_their_order(earlier, later):
    make = KeyMaker()
    assert conflict(earlier(make), later(make))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (upsert("a@x.org", "1"), upsert("b@x.org", "2")),
        (upsert("a@x.org", "1", "vip"), upsert("b@x.org", "2", "vip")),
        (delete("a@x.org"), delete("b@x.org")),
        (delete("a@x.org"), upsert("b@x.org")),
        (delete("a@x.org", "1"), upsert("b@x.org", "2")),
        (delete(user_id="1"), delete(user_id="2")),
        (contact("a@x.org", None, "vip"), contact("b@x.org", None, "vip")),
        (contact("a@x.org", None, "vip"), delete_tag("new")),
        (member("c", "a@x.org"), member("c", "b@x.org")),
        (member("c", "a@x.org"), company("d")),
    ],
)
def test_these_travel_side_by_side(earlier, later):
    make = KeyMaker()
    assert not conflict(earlier(make), later(make))


def test_an_id_that_a_contact_had_earlier_in_the_run_is_held_when_it_gets_another():
    make = KeyMaker()
    make.upsert("a@x.org", "1")
    changes = make.upsert("a@x.org", "2")
    assert conflict(changes, make.upsert("b@x.org", "1"))
    assert not conflict(changes, make.upsert("c@x.org", "3"))


def test_what_is_remembered_stays_bounded_and_recent():
    make = KeyMaker()
    for number in range(30_000):
        make.upsert(f"{number}@x.org", number)
    assert len(make._claimed) + len(make._claimed_before) <= 10_000
    assert conflict(make.upsert("29000@x.org", "new"), make.upsert("b@x.org", "29000"))
