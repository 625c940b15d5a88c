"""Pictures as SVG, whose letters and lines have the colour of the page's text, light or dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import altair as alt
import vl_convert

if TYPE_CHECKING:
    from collections.abc import Sequence

    from customerly_report.warehouse import Row

WIDTH = 620
COLOURS = ("#3b82c4", "#d9822b", "#8f6fc9", "#3f9d6b")
"""With a contrast of at least 3 to 1 against the page, be it light or dark."""
MOST_POINTS = 400
"""Days that a line shows; of more, each second, third … is left out."""

_INK = "currentColor"
_CONFIG: dict[str, Any] = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": _INK,
        "titleColor": _INK,
        "gridColor": _INK,
        "gridOpacity": 0.15,
        "domain": False,
        "ticks": False,
        "labelFontSize": 12,
        "labelLimit": 220,
        "labelPadding": 6,
    },
    "legend": {"labelColor": _INK, "labelFontSize": 12, "orient": "top", "title": None},
    "text": {"color": _INK, "fontSize": 12},
}


def growth(rows: list[Row]) -> str:
    """An area: contacts by day."""
    step = -(-len(rows) // MOST_POINTS)
    days = [
        {"day": row["date_day"].isoformat(), "contacts": int(row["contacts"])}
        for place, row in enumerate(reversed(rows))
        if place % step == 0
    ]
    chart = (
        alt.Chart(alt.InlineData(values=days))
        .mark_area(color=COLOURS[0], opacity=0.35, line={"color": COLOURS[0]})
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(grid=False)),
            y=alt.Y("contacts:Q", title=None, axis=alt.Axis(tickMinStep=1)),
        )
        .properties(width=WIDTH, height=220)
    )
    return _svg(chart)


def bars(rows: list[Row], label: str, value: str) -> str:
    """Horizontal bars in the order of the rows, each with its number."""
    data = [{"name": str(row[label] or "–"), "value": int(row[value])} for row in rows]
    base = alt.Chart(alt.InlineData(values=data)).encode(
        y=alt.Y("name:N", sort=None, title=None),
        x=alt.X("value:Q", title=None, axis=None, scale=alt.Scale(nice=False)),
    )
    numbers = base.mark_text(align="left", dx=4).encode(text=alt.Text("value:Q", format=","))
    drawn = base.mark_bar(color=COLOURS[0]) + numbers
    return _svg(drawn.properties(width=WIDTH - 160, height=alt.Step(24)))


def grouped(rows: list[Row], label: str, values: Sequence[str], *, stacked: bool = False) -> str:
    """Horizontal bars of several numbers a row, beside each other or one after the other."""
    data = [
        {"name": row[label], "kind": value, "value": int(row[value]), "place": place}
        for row in rows
        for place, value in enumerate(values)
    ]
    colour = alt.Color(
        "kind:N", sort=list(values), scale=alt.Scale(domain=list(values), range=list(COLOURS))
    )
    base = alt.Chart(alt.InlineData(values=data))
    if stacked:
        chart: alt.Chart | alt.LayerChart = base.mark_bar().encode(
            y=alt.Y("name:N", sort=None, title=None),
            x=alt.X("value:Q", title=None, axis=alt.Axis(tickMinStep=1)),
            color=colour,
            order="place:Q",
        )
    else:
        beside = base.encode(
            y=alt.Y("name:N", sort=None, title=None),
            yOffset=alt.YOffset("kind:N", sort=list(values)),
            x=alt.X("value:Q", title=None, axis=None),
        )
        numbers = beside.mark_text(align="left", dx=4).encode(text=alt.Text("value:Q", format=","))
        chart = beside.mark_bar().encode(color=colour) + numbers
    return _svg(chart.properties(width=WIDTH - 160, height=alt.Step(40 if stacked else 22)))


def _svg(chart: alt.Chart | alt.LayerChart) -> str:
    """Draw a chart, as wide as the page lets it."""
    specification = {**chart.to_dict(), "config": _CONFIG}
    drawn: str = vl_convert.vegalite_to_svg(specification)
    return drawn
