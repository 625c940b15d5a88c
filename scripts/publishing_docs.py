"""Write what `publishing.toml` says where it is needed: `make docs`, or `--check` in `make lint`.

Version, home and authors stand in each package's `pyproject.toml`, since a source distribution must
be whole by itself.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).parent.parent
FORMS = ".github/ISSUE_TEMPLATE/config.yml"


class Publishing(NamedTuple):
    """What `publishing.toml` holds.

    Args:
        version: The version of every package, as `1.2.3`.
        repository: The repository's URL.
        authors: Whom the packages name.
        owners: Path to who is asked for a review.
    """

    version: str
    repository: str
    authors: str
    owners: Mapping[str, str]

    @property
    def owner(self) -> str:
        """The account that the repository belongs to."""
        return self.repository.split("/")[-2]

    @property
    def siblings(self) -> str:
        """The versions at which our packages take each other, as `>=0.1,<0.2`."""
        major, minor, _ = map(int, self.version.split("."))
        return f">={major}.{minor},<{major}.{minor + 1}"


def read_publishing(root: Path = ROOT) -> Publishing:
    """Read `publishing.toml`.

    Args:
        root: The folder that holds it.

    Returns:
        What it says.
    """
    return Publishing(**tomllib.loads((root / "publishing.toml").read_text(encoding="utf-8")))


def documents(root: Path = ROOT) -> Iterator[tuple[Path, str]]:
    """Make every file that follows from it.

    Args:
        root: The folder of the repository.

    Yields:
        Its path, and its text as it should be.
    """
    publishing = read_publishing(root)
    files = sorted(root.glob("*/pyproject.toml"))
    names = "|".join(path.parent.name for path in files)
    sibling = re.compile(rf'"((?:{names})(?:\[[\w,]+\])?)[<>=][^"]*"')
    for path in files:
        text = path.read_text(encoding="utf-8")
        text = sibling.sub(rf'"\1{publishing.siblings}"', text)
        yield path, _package(text, path.parent.name, publishing)
    path = root / FORMS
    text = path.read_text(encoding="utf-8")
    home = re.compile(r"https://[^/\s]+/[^/\s]+/[^/\s]+(?=/security/advisories/new)")
    yield path, home.sub(publishing.repository, text)
    width = max(map(len, publishing.owners)) + 2
    lines = [f"{path:<{width}}{owner}" for path, owner in publishing.owners.items()]
    yield root / ".github" / "CODEOWNERS", "\n".join(["# From publishing.toml.", *lines, ""])


def _package(text: str, name: str, publishing: Publishing) -> str:
    """A package's `pyproject.toml` with the version, the authors and the URLs as they should be."""
    home = publishing.repository
    urls = {
        "Repository": home,
        "Documentation": f"{home}/tree/main/{name}#readme",
        "Changelog": f"{home}/blob/main/CHANGELOG.md",
        "Issues": f"{home}/issues",
    }
    table = "\n".join(f'{key} = "{url}"' for key, url in urls.items())
    for pattern, line in {
        r"^version = .*$": f'version = "{publishing.version}"',
        r"^authors = .*$": f'authors = [{{ name = "{publishing.authors}" }}]',
        r"(?<=^\[project\.urls\]\n)(?:\w+ = .*\n)+": f"{table}\n",
    }.items():
        text = re.sub(pattern, lambda _, line=line: line, text, count=1, flags=re.MULTILINE)
    return text


def main(*, check: bool, root: Path = ROOT) -> int:
    """Write the files that are out of date, or name them.

    Args:
        check: Whether only to name them.
        root: The folder of the repository.

    Returns:
        The exit status: 1 where `check` found one.
    """
    stale = [(path, text) for path, text in documents(root) if path.read_text("utf-8") != text]
    for path, text in stale:
        if check:
            sys.stderr.write(f"{path.relative_to(root)} is out of date: run `make docs`\n")
        else:
            path.write_text(text, encoding="utf-8")
    return int(check and bool(stale))


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
