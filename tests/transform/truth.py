"""What each mart has to say, worked out from the sandbox's own state and nothing else."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

Row = dict[str, Any]


_NOTHING: Row = {"user_tags": [], "user_segments": [], "user_events": {}, "companies": []}


def living(state: Row) -> list[Row]:
    """The contacts that are there; one without a key can't be looked up, so it has no tags."""
    return [
        contact if contact["email"] or contact["user_id"] else {**contact, **_NOTHING}
        for contact in (*state["users"], *state["leads"])
    ]


def kind(contact: Row) -> str:
    """User or lead."""
    return "user" if contact["is_user"] else "lead"


def lifecycle(contact: Row) -> str:
    """Where a contact that is there stands."""
    if not contact["is_user"]:
        return "lead"
    return "converted" if contact["was_lead"] else "user"


def unreachable_because(contact: Row) -> str | None:
    """Why a contact that is there can't be written to."""
    if not contact["email"]:
        return "no address"
    flags = {"bounce": "bounced", "spam": "spam", "unsubscribe": "unsubscribed"}
    return next((reason for flag, reason in flags.items() if contact[flag]), None)


def contacts(state: Row) -> list[Row]:
    """`customerly__contacts`, of those who are there."""
    return [
        {
            "contact_id": contact["crmhero_user_id"],
            "email": contact["email"],
            "user_id": contact["user_id"],
            "name": contact["name"],
            "contact_type": kind(contact),
            "lifecycle": lifecycle(contact),
            "is_reachable": unreachable_because(contact) is None,
            "unreachable_because": unreachable_because(contact),
            "country": contact["country"],
            "nps_vote": contact["nps_vote"],
            "first_seen_at": moment(contact["first_seen_at"]),
            "tags": sorted(contact["user_tags"]) or None,
            "companies": [c["company_name"] for c in contact["companies"]] or None,
            "sessions": sum(
                contact[f"{device}_session"] or 0 for device in ("web", "android", "ios")
            ),
            "attribute_plan": contact["attributes"].get("plan"),
            "attribute_seats": number(contact["attributes"].get("seats")),
            "attribute_trial": contact["attributes"].get("trial"),
            "attribute_signed_up_at": moment(contact["attributes"].get("signed_up_at")),
        }
        for contact in living(state)
    ]


def daily(state: Row) -> dict[str, int]:
    """Contacts that are there, by the day on which they were first seen."""
    return Counter(moment(contact["first_seen_at"])[:10] for contact in living(state))


def acquisition(state: Row) -> list[Row]:
    """`customerly__acquisition`."""
    keys = ("utm_source", "utm_medium", "utm_campaign")
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for contact in living(state):
        groups.setdefault(tuple(contact[key] for key in keys), []).append(contact)
    return [
        {
            **dict(zip(keys, values, strict=True)),
            **counts(group),
            "converted": sum(lifecycle(contact) == "converted" for contact in group),
        }
        for values, group in groups.items()
    ]


def tags(state: Row) -> list[Row]:
    """`customerly__tags`."""
    return [
        {"tag": tag, **counts(c for c in living(state) if tag in c["user_tags"])}
        for tag in state["tags"]
    ]


def deliverability(state: Row) -> list[Row]:
    """`customerly__deliverability`."""
    groups = {"user": state["users"], "lead": state["leads"]}
    return [
        {
            "contact_type": name,
            "contacts": len(group),
            "with_address": sum(bool(contact["email"]) for contact in group),
            "unsubscribed": sum(contact["unsubscribe"] for contact in group),
            "bounced": sum(contact["bounce"] for contact in group),
            "spam": sum(contact["spam"] for contact in group),
            "reachable": counts(group)["reachable"],
        }
        for name, group in groups.items()
        if group
    ]


def nps(state: Row) -> list[Row]:
    """`customerly__nps`."""
    found = []
    for name in ("users", "leads"):
        votes = [c["nps_vote"] for c in state[name] if c["nps_vote"] is not None]
        if votes:
            good, bad = sum(vote > 8 for vote in votes), sum(vote < 7 for vote in votes)
            found.append(
                {
                    "contact_type": name[:-1],
                    "votes": len(votes),
                    "promoters": good,
                    "detractors": bad,
                    "score": round(100 * (good - bad) / len(votes), 1),
                }
            )
    return found


def articles(state: Row) -> list[Row]:
    """`customerly__article_performance`."""
    titles = {
        int(c["knowledge_base_collection_id"]): c["title"]
        for c in state["knowledge_base_collections"]
    }
    moods = ("positive", "neutral", "negative")
    return [
        {
            "article_id": int(article["knowledge_base_article_id"]),
            "title": article["title"],
            "collection": titles[int(article["knowledge_base_collection_id"])],
            "visits": int(article["num_visits"]),
            "reactions": sum(int(article[f"num_{mood}_reactions"]) for mood in moods),
            "positive_reactions": int(article["num_positive_reactions"]),
        }
        for article in state["knowledge_base_articles"]
    ]


def attributes(state: Row, name: str) -> dict[str | None, int]:
    """`customerly__attributes` of one that holds text."""
    return Counter(contact["attributes"].get(name) for contact in living(state))


def counts(group: Iterable[Row]) -> dict[str, int]:
    """Contacts, users, leads and who can be reached."""
    kinds = [(kind(contact), unreachable_because(contact) is None) for contact in group]
    return {
        "contacts": len(kinds),
        "users": sum(name == "user" for name, _ in kinds),
        "leads": sum(name == "lead" for name, _ in kinds),
        "reachable": sum(reachable for _, reachable in kinds),
    }


def moment(seconds: int | None) -> str | None:
    """UNIX seconds as the warehouse tells them, in UTC."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def number(value: Any) -> float | None:
    """An attribute that is a number, or text that says one."""
    return None if value is None else float(value)
