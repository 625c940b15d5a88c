"""Holds four loaders against what the tap sends, and writes what arrived into docs/warehouses.md.

One sandbox project with the values that loaders trip over is read twice, all of it each time, and a
contact is deleted in between; what the tap wrote is piped into each loader, and its store is asked.
The table goes between the page's marks: `make conformance`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from customerly_sandbox import Sandbox
from postgres import forget, postgres
from warehouse_columns import MARKS as TABLE_MARKS
from warehouse_columns import PAGE, put, tables
from warehouse_loaders import LOADERS, Loader, Row, prepared

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
MARKS = ("<!-- written by scripts/warehouses.py -->", "<!-- end of what it writes -->")

CROWD = 5_000
"""Users beside the odd ones, so that there is more than one batch."""
LONG_NAME = "a_name_of_seventy_characters_" + "x" * 41
ODD: dict[str, Row] = {
    "object": {"attributes": {"company": {"name": "Acme", "sizes": [1, 2]}}},
    "unicode": {"name": "Zoë 日本 🙂 \u202eright to left"},
    "nul": {"name": "before\x00after"},
    "oldest": {"first_seen_at": 86_400},
    "newest": {"last_activity": 253_402_300_799},
    "long": {"attributes": {"note": "x" * 40_000}},
    "long_name": {"attributes": {LONG_NAME: "kept"}},
    "deleted": {},
}
"""Users by what is odd about them."""


def arrange(sandbox: Sandbox) -> None:
    """Put the odd users into the sandbox."""

    def put() -> None:
        for name, odd in ODD.items():
            contact = sandbox.store.create("users", f"{name}@odd.example")
            contact.attributes = odd.get("attributes", {})
            contact.name = odd.get("name")
            contact.changed |= {k: v for k, v in odd.items() if k not in {"attributes", "name"}}
            sandbox.store.keep(contact)

    sandbox.call(put)


def extract(sandbox: Sandbox, folder: Path) -> list[Path]:
    """Read all users twice, and delete one in between; the files hold what the tap wrote."""
    config = folder / "tap.json"
    config.write_text(json.dumps(sandbox.config))
    tap = [BIN / "tap-customerly", "--config", config]
    catalog = json.loads(
        subprocess.run([*tap, "--discover"], check=True, stdout=subprocess.PIPE).stdout
    )
    catalog["streams"] = [entry for entry in catalog["streams"] if entry["stream"] == "users"]
    for entry in catalog["streams"]:
        entry["replication_method"] = "FULL_TABLE"
        for item in entry["metadata"]:
            item["metadata"] |= {"selected": True, "forced-replication-method": "FULL_TABLE"}
    chosen = folder / "catalog.json"
    chosen.write_text(json.dumps(catalog))
    reads = []
    for number in range(2):
        reads.append(folder / f"read-{number}.singer")
        with reads[-1].open("wb") as output:
            subprocess.run([*tap, "--catalog", chosen], check=True, stdout=output)
        if number == 0:
            sandbox.delete("users", email="deleted@odd.example")
    return reads


def told(rows: list[Row], sandbox: Sandbox) -> dict[str, str]:
    """What a loader's rows say of each odd user, in words."""
    held = {row["email"]: row for row in rows}
    odd = {name: held.get(f"{name}@odd.example") for name in ODD}
    keys = {str(row["crmhero_user_id"]) for row in rows}
    crowd = {str(user["crmhero_user_id"]) for user in sandbox.contacts("users")}
    found: dict[str, str] = {"rows": f"{len(crowd & keys):,} of {len(crowd):,}"}
    for name, row in odd.items():
        if name != "deleted":
            found[name] = _QUESTIONS[name](row) if row else "lost"
    gone = odd["deleted"]
    marked = gone is not None and gone.get("_sdc_deleted_at")
    found["deleted"] = "removed" if gone is None else "marked" if marked else "stays"
    return found


def _attribute(name: str, wanted: object, row: Row) -> str:
    value = row["attributes"]
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return "Python's text, no JSON"
    return _yes(kept=found.get(name) == wanted)


def _yes(*, kept: bool) -> str:
    return "as it was" if kept else "changed"


def _nul(row: Row) -> str:
    around = row["name"].removeprefix("before").removesuffix("after")
    return _AROUND.get(around, f"became {around!r}")


_AROUND = {"\x00": "as it was", "": "left out", " ": "a blank", "\ufffd": "U+FFFD"}


def _day(value: object, wanted: str) -> str:
    return "as it was" if str(value).startswith(wanted) else f"became {value}"


_QUESTIONS: dict[str, Any] = {
    "object": partial(_attribute, "company", ODD["object"]["attributes"]["company"]),
    "unicode": lambda row: _yes(kept=row["name"] == ODD["unicode"]["name"]),
    "nul": _nul,
    "oldest": lambda row: _day(row["first_seen_at"], "1970-01-02"),
    "newest": lambda row: _day(row["last_activity"], "9999-12-31"),
    "long": partial(_attribute, "note", "x" * 40_000),
    "long_name": partial(_attribute, LONG_NAME, "kept"),
}
_HEADINGS = {
    "rows": "contacts",
    "object": "an object as attribute",
    "unicode": "Unicode",
    "nul": "a NUL in a text",
    "oldest": "a date of 1970",
    "newest": "a date of 9999",
    "long": "40,000 characters",
    "long_name": "an attribute's name of 70 characters",
    "deleted": "a deletion, after a full read",
}


def table(results: dict[Loader, dict[str, str]]) -> str:
    """The results as Markdown."""
    head = ["", *(loader.title for loader in results)]
    lines = [head, ["---"] * len(head)]
    lines += [
        [heading, *(result[name] for result in results.values())]
        for name, heading in _HEADINGS.items()
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def main() -> int:
    """Run each loader and write the page.

    Returns:
        The exit status.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = stack.enter_context(Sandbox(users=CROWD, leads=0))
        arrange(sandbox)
        reads = extract(sandbox, folder)
        warehouse = stack.enter_context(postgres(folder / "postgres"))
        stack.callback(forget, folder / "postgres")
        results = {}
        for loader in LOADERS:
            place = folder / f"into-{loader.name}"
            place.mkdir()
            prepared(loader, ROOT)
            for read in reads:
                loader.load(read, place, warehouse)
            results[loader] = told(loader.rows(place, warehouse), sandbox)
            sys.stderr.write(f"{loader.title}: {results[loader]}\n")
        columns = tables(warehouse)
    page = put(PAGE.read_text(encoding="utf-8"), columns, TABLE_MARKS)
    PAGE.write_text(put(page, table(results), MARKS), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
