"""Runs dbt again and again in one process of dbt's environment, and asks DuckDB in it.

Starting dbt takes longer than most of what the tests ask of it. A task is a line of JSON on
standard input: `{"dbt": [arguments], "env": {…}}` or `{"duckdb_path": …, "sql": …}`. The answer is
a line of JSON on standard output: `{"failed": text or null}` or `{"rows": […]}`.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import io
import json
import os
import sys
from typing import TYPE_CHECKING

import duckdb
from dbt.cli.main import dbtRunner

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

OPTIONS = [
    *("--quiet", "--no-use-colors", "--log-level-file", "none"),
    *("--warn-error-options", '{"error": "all"}'),
]


def main() -> None:
    """Do one task after the other."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what anything prints is no answer
    for line in sys.stdin:
        task = json.loads(line)
        answer = run(task["dbt"], task["env"]) if "dbt" in task else ask(**task)
        print(json.dumps(answer, default=plain), file=answers, flush=True)


PARSED: dict[str, Manifest] = {}
"""The parsed project, by the environment variables that it was parsed with."""


def run(arguments: list[str], env: dict[str, str]) -> dict[str, object]:
    """Run dbt with these environment variables and no other ones of its own."""
    for name in [name for name in os.environ if name.startswith(("DBT_", "TARGET_"))]:
        del os.environ[name]
    os.environ.update(env)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        key = json.dumps(env, sort_keys=True)
        if key not in PARSED and arguments[0] != "debug":  # which asks for no model
            result = dbtRunner().invoke([*OPTIONS, "parse"])
            PARSED[key] = result.result
        result = dbtRunner(PARSED.get(key)).invoke([*OPTIONS, *arguments])
    failed = f"{said.getvalue()[-6000:]}{result.exception or ''}" or "it failed"
    return {"failed": None if result.success else failed}


def ask(duckdb_path: str, sql: str) -> dict[str, object]:
    """The rows of a query; dates and times are ISO texts."""
    with duckdb.connect(duckdb_path) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = connection.execute(sql)
        names = [column[0] for column in found.description]
        return {"rows": [dict(zip(names, row, strict=True)) for row in found.fetchall()]}


def plain(value: object) -> object:
    """A value that JSON has no form for."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(type(value))


if __name__ == "__main__":
    main()
