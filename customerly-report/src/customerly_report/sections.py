"""What the page tells: a question to a model each, its picture, and its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from customerly_report import charts

if TYPE_CHECKING:
    from collections.abc import Callable

    from customerly_report.warehouse import Row


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Args:
        title: Its heading.
        says: What the numbers are, in a sentence.
        model: The model that is asked.
        question: SQL, see `Warehouse.ask`.
        columns: The table's: column to heading.
        draw: Makes the picture of the rows.
        table: Makes the table's rows of them.
        shorten: Makes fewer rows of those that the model has, before both.
    """

    title: str
    says: str
    model: str
    question: str
    columns: dict[str, str]
    draw: Callable[[list[Row]], str]
    table: Callable[[list[Row]], list[Row]] = lambda rows: rows
    shorten: Callable[[list[Row]], list[Row]] = lambda rows: rows


def by_month(rows: list[Row]) -> list[Row]:
    """Days as months: what came and went, and how many there were in the end."""
    months: dict[str, Row] = {}
    for row in rows:
        name = f"{row['date_day']:%Y-%m}"
        month = months.setdefault(name, {"month": name, "new_contacts": 0, "deleted_contacts": 0})
        month["new_contacts"] += row["new_contacts"]
        month["deleted_contacts"] += row["deleted_contacts"]
        month["contacts"] = row["contacts"]
    return list(months.values())


def first(count: int) -> Callable[[list[Row]], list[Row]]:
    """The first rows; those after them are added up as one."""

    def shorten(rows: list[Row]) -> list[Row]:
        kept = rows[:count]
        rest = sum(row["contacts"] for row in rows[count:])
        return [*kept, {"name": f"{len(rows) - count} others", "contacts": rest}] if rest else kept

    return shorten


def bars(label: str = "name", value: str = "contacts") -> Callable[[list[Row]], str]:
    """A picture with one bar a row."""
    return lambda rows: charts.bars(rows, label, value)


SECTIONS = (
    Section(
        "Growth",
        "Contacts at the end of each day: users and leads that are there.",
        "customerly__daily_contacts",
        "SELECT date_day, sum(new_contacts) AS new_contacts, sum(deleted_contacts) AS"
        " deleted_contacts,"
        " sum(contacts) AS contacts FROM {model} WHERE {chosen} GROUP BY date_day ORDER BY"
        " date_day",
        {
            "month": "Month",
            "new_contacts": "New",
            "deleted_contacts": "Gone",
            "contacts": "At its end",
        },
        charts.growth,
        by_month,
    ),
    Section(
        "Who is reachable",
        "Contacts whom a message can reach, and what keeps it from the others.",
        "customerly__contacts",
        "SELECT coalesce(unreachable_because, 'reachable') AS name, count(*) AS contacts"
        " FROM {model}"
        " WHERE {chosen} AND NOT is_deleted GROUP BY 1 ORDER BY 2 DESC, 1",
        {"name": "Standing", "contacts": "Contacts"},
        bars(),
    ),
    Section(
        "Unsubscribes and bounces",
        "Contacts that unsubscribed, whose address bounced, or that marked a message as spam."
        " One contact can be in several.",
        "customerly__deliverability",
        "SELECT contact_type || 's' AS kind, sum(contacts) AS contacts, sum(unsubscribed)"
        " AS unsubscribed,"
        " sum(bounced) AS bounced, sum(spam) AS spam FROM {model} WHERE {chosen} GROUP BY"
        " 1 ORDER BY 1 DESC",
        {
            "kind": "Kind",
            "contacts": "Contacts",
            "unsubscribed": "Unsubscribed",
            "bounced": "Bounced",
            "spam": "Spam reports",
        },
        lambda rows: charts.grouped(rows, "kind", ("unsubscribed", "bounced", "spam")),
    ),
    Section(
        "Tags",
        "Contacts that have a tag. One contact can have many.",
        "customerly__tags",
        "SELECT tag AS name, sum(contacts) AS contacts FROM {model} WHERE {chosen} AND"
        " contacts IS NOT NULL"
        " GROUP BY tag ORDER BY 2 DESC, 1",
        {"name": "Tag", "contacts": "Contacts"},
        bars(),
        shorten=first(15),
    ),
    Section(
        "Countries",
        "Where contacts were last seen.",
        "customerly__contacts",
        "SELECT coalesce(country, 'unknown') AS name, count(*) AS contacts FROM {model}"
        " WHERE {chosen} AND NOT is_deleted GROUP BY 1 ORDER BY 2 DESC, 1",
        {"name": "Country", "contacts": "Contacts"},
        bars(),
        shorten=first(12),
    ),
    Section(
        "Net promoter score",
        "Promoters voted 9 or 10, passives 7 or 8, detractors less; the score is promoters"
        " less detractors,"
        " in percent of the votes.",
        "customerly__nps",
        "SELECT contact_type || 's' AS kind, sum(votes) AS votes, sum(promoters) AS promoters,"
        " sum(passives) AS passives, sum(detractors) AS detractors,"
        " round(100.0 * (sum(promoters) - sum(detractors)) / sum(votes), 1) AS score"
        " FROM {model} WHERE {chosen} GROUP BY 1 ORDER BY 1 DESC",
        {
            "kind": "Kind",
            "votes": "Votes",
            "promoters": "Promoters",
            "passives": "Passives",
            "detractors": "Detractors",
            "score": "Score",
        },
        lambda rows: charts.grouped(
            rows, "kind", ("promoters", "passives", "detractors"), stacked=True
        ),
    ),
    Section(
        "Contacts by {attribute}",
        "Values that fewer than three contacts share, and could name somebody, are counted"
        " together.",
        "customerly__attributes",
        "SELECT name, sum(contacts) AS contacts FROM (SELECT"
        " CASE WHEN sum(contacts) < 3 THEN 'rare values' ELSE coalesce(nullif(value, ''),"
        " 'none') END"
        " AS name, sum(contacts) AS contacts FROM {model} WHERE {chosen} AND attribute = :attribute"
        " GROUP BY value) AS counted GROUP BY name ORDER BY 2 DESC, 1",
        {"name": "Value", "contacts": "Contacts"},
        bars(),
        shorten=first(12),
    ),
    Section(
        "Most read articles",
        "Visits of the knowledge base's articles, the ten most visited.",
        "customerly__article_performance",
        "SELECT title AS name, visits, reactions, round(100 * positive_share) AS positive"
        " FROM {model}"
        " WHERE {chosen} ORDER BY visits DESC, title LIMIT 10",
        {
            "name": "Article",
            "visits": "Visits",
            "reactions": "Reactions",
            "positive": "Positive, %",
        },
        bars(value="visits"),
    ),
    Section(
        "What was read when",
        "Records of each stream in the warehouse, and when they were last read.",
        "customerly__loads",
        "SELECT stream AS name, sum(records) AS records, max(loaded_at) AS loaded_at FROM {model}"
        " WHERE {chosen} GROUP BY stream ORDER BY stream",
        {"name": "Stream", "records": "Records", "loaded_at": "Last read (UTC)"},
        bars(value="records"),
    ),
)

REJECTED = Section(
    "Rejects of the last import",
    "Records that could not be applied, by reason.",
    "customerly__operations",
    "SELECT stream, operation, reason, operations, finished_at, status = 'rejected' AS is_rejected"
    " FROM {model} WHERE {chosen} AND run_id ="
    " (SELECT run_id FROM {model} WHERE {chosen} ORDER BY finished_at DESC LIMIT 1)",
    {"stream": "Stream", "operation": "Operation", "reason": "Reason", "records": "Records"},
    bars("reason", "records"),
)
"""What `rejects.last_import` makes of the answer, and of the target's file of rejects."""
