"""A chart of how many times as fast as its plain counterpart each contender is, as SVG."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from figures import Figure

UNIT = "times plain"
_WIDTH, _LEFT, _RIGHT = 820, 250, 60
_ROW, _GAP, _BAR = 22, 34, 14
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 } .ours { fill: #0969da } .others { fill: #afb8c1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .ours { fill: #4493f8 } .others { fill: #656c76 }
}"""


def drawn(figures: Iterable[Figure]) -> str:
    """Draw a bar for each contender, grouped by what was measured.

    Args:
        figures: All of them; those of another unit are left out.

    Returns:
        An SVG document, readable on light and on dark ground.
    """
    bars = [one for one in figures if one.unit == UNIT]
    scale = (_WIDTH - _LEFT - _RIGHT) / max((one.value for one in bars), default=1)
    lines, height = [], 8
    for what, group in groupby(bars, key=lambda one: one.what):
        height += _GAP
        lines.append(f'<text class="title" x="8" y="{height - 10}">{escape(what)}</text>')
        for one in group:
            lines += _bar(one, height, one.value * scale)
            height += _ROW
    size = f"0 0 {_WIDTH} {height + 8}"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" role="img">',
            "<title>Times as fast as a plain tap or target of the Singer SDK</title>",
            f"<style>{_STYLE}</style>",
            *lines,
            "</svg>\n",
        ]
    )


def _bar(one: Figure, top: int, length: float) -> Iterator[str]:
    kind = "others" if one.variant.startswith(("plain", "bare")) else "ours"
    base = top + _BAR - 2
    yield f'<text x="{_LEFT - 8}" y="{base}" text-anchor="end">{escape(one.variant)}</text>'
    size = f'width="{length:.1f}" height="{_BAR}"'
    yield f'<rect class="{kind}" x="{_LEFT}" y="{top}" {size} rx="2"/>'
    yield f'<text x="{_LEFT + length + 6:.1f}" y="{base}">{one.value:.1f}×</text>'
