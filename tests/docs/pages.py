"""What the tests of the documentation share: the tracked files, and a page's headings and links."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]


def tracked(*patterns):
    """The files of the repository, new ones that are not yet committed included."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


@cache
def anchors(path):
    """The anchors that GitHub gives a page's headings."""
    tokens = MarkdownIt().parse(path.read_text(encoding="utf-8"))
    pairs = pairwise(tokens)
    titles = [inline.content for token, inline in pairs if token.type == "heading_open"]
    return [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]


def links(path):
    """The targets of a page's links and pictures, in its text and its tables."""
    parser = MarkdownIt("commonmark").enable("table")
    for token in parser.parse(path.read_text(encoding="utf-8")):
        for child in token.children or ():
            target = child.attrGet("href") or child.attrGet("src")
            if target:
                yield str(target)


def problem(base, target):
    """Why a relative link leads nowhere; None where it leads somewhere."""
    name, _, anchor = target.partition("#")
    path = (base.parent / name).resolve() if name else base
    if not path.is_relative_to(ROOT) or not path.exists():
        return f"{target}: there is no such file"
    if anchor and anchor not in anchors(path):
        return f"{target}: the page has no such heading"
    return None
