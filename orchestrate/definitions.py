"""The fleet in Dagster: a partition a project, an asset a stream, dbt's models downstream."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import psycopg2
from croniter import croniter
from psycopg2 import sql

ROOT = Path(__file__).parents[1]
BIN = Path(os.environ.get("CUSTOMERLY_BIN", ROOT / ".venv" / "bin"))
MODELS = sorted(path.stem for path in (ROOT / "transform" / "models" / "marts").glob("*.sql"))
# What passes by itself is tried again; a refused token or a wrong setting waits for a person.
PASSING = re.compile(r"tries|connection|timed? ?out|ended by|under way|429|50[234]", re.IGNORECASE)
RETRIES = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL)
PROJECTS = dg.DynamicPartitionsDefinition(name="project")


def fleet(*arguments: str) -> list[dict[str, Any]]:
    """Run `customerly fleet`, and return what it prints, a line each."""
    command = [str(BIN / "customerly"), "fleet", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode and not lines:
        raise dg.Failure(done.stderr.strip(), allow_retries=False)
    return lines


STREAMS = {each.split(".")[0] for row in fleet("list", "--json") for each in row["streams"]}


class Extract(dg.Config):
    """Which job of `meltano.yml` a run is."""

    job: str = "extract"


def loaded(schema: str, stream: str, since: datetime) -> int:
    """Count the rows of a stream that the warehouse was given since then."""
    address = os.environ["TARGET_POSTGRES_SQLALCHEMY_URL"].replace("+psycopg", "")
    query = sql.SQL("SELECT count(*) FROM {} WHERE _sdc_received_at >= %s")
    with psycopg2.connect(address) as warehouse, warehouse.cursor() as cursor:
        cursor.execute(query.format(sql.Identifier(schema, stream)), [since.replace(tzinfo=None)])
        return int(cursor.fetchone()[0])


@dg.multi_asset(
    specs=[dg.AssetSpec(each, group_name="customerly", skippable=True) for each in STREAMS],
    check_specs=[dg.AssetCheckSpec("rows", asset=each) for each in STREAMS],
    partitions_def=PROJECTS,
    pool="customerly",
    retry_policy=RETRIES,
)
def streams(context: dg.AssetExecutionContext, config: Extract) -> Iterator[Any]:
    """Read a project's streams into its schema of the warehouse."""
    name, began = context.partition_key, datetime.now(UTC)
    schemas = {each["project"]: each["schema"] for each in fleet("list", "--json")}
    (result,) = fleet("run", name, "--job", config.job)
    if not result["ok"]:
        passing = bool(PASSING.search(result["message"]))
        raise dg.Failure(result["message"], metadata=result, allow_retries=passing)
    facts = {key: result[key] for key in ("job", "requests", "seconds")}
    for stream in sorted(STREAMS & result["records"].keys()):
        read = result["records"][stream]
        yield dg.MaterializeResult(asset_key=stream, metadata={"records": read, **facts})
        rows = loaded(schemas[name], stream, began)
        yield dg.AssetCheckResult(
            asset_key=stream,
            check_name="rows",
            passed=(0 < rows <= read) or read == 0,  # a contact that came twice is one row
            metadata={"read": read, "rows": rows},
        )


@dg.multi_asset(specs=[dg.AssetSpec(each, deps=list(STREAMS), group_name="dbt") for each in MODELS])
def models() -> Iterator[dg.MaterializeResult]:
    """Build dbt's models of all projects together."""
    schemas = {each["project"]: each["schema"] for each in fleet("list", "--json")}
    command = [str(BIN / "meltano"), "run", "--no-install", "dbt-postgres:build"]
    environ = os.environ | {"DBT_CUSTOMERLY_PROJECTS": json.dumps(schemas)}
    done = subprocess.run(command, cwd=ROOT, env=environ, check=False)
    if done.returncode:
        raise dg.Failure("dbt-postgres:build failed: see the log of the run", allow_retries=False)
    yield from (dg.MaterializeResult(asset_key=model) for model in MODELS)


@dg.asset_check(asset="users")
def fresh() -> dg.AssetCheckResult:
    """Every project was read within the last hours."""
    oldest = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    late = {
        each["project"]: each["message"] or "not run lately"
        for each in fleet("status", "--json")
        if not each["ok"] or each["ended_at"] < oldest
    }
    return dg.AssetCheckResult(passed=not late, metadata=late)


SELECTED = dg.AssetSelection.assets(*STREAMS) - dg.AssetSelection.checks(fresh)
EXTRACT = dg.define_asset_job("extract", SELECTED, partitions_def=PROJECTS)
TRANSFORM = dg.define_asset_job("transform", dg.AssetSelection.groups("dbt"))
FRESHNESS = dg.define_asset_job("freshness", dg.AssetSelection.checks(fresh))


@dg.sensor(job=EXTRACT, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def projects(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Keep the partitions as `fleet.yml` names the projects."""
    named = {each["project"] for each in fleet("list", "--json")}
    known = set(context.instance.get_dynamic_partitions(PROJECTS.name))
    add = PROJECTS.build_add_request(sorted(named - known))
    delete = PROJECTS.build_delete_request(sorted(known - named))
    return dg.SensorResult(dynamic_partitions_requests=[add, delete] if named != known else [])


@dg.schedule(job=EXTRACT, cron_schedule="* * * * *")
def due(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Run each project when its own `schedule` in `fleet.yml` says so."""
    now = context.scheduled_execution_time
    known = set(context.instance.get_dynamic_partitions(PROJECTS.name))
    due_now = [row for row in fleet("list", "--json") if croniter.match(row["schedule"], now)]
    names = known & {row["project"] for row in due_now}
    return [dg.RunRequest(partition_key=name, run_key=f"{name} {now:%F %R}") for name in names]


@dg.schedule(job=EXTRACT, cron_schedule="30 3 * * 0")
def weekly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Read everything once a week: what is gone is marked."""
    config = dg.RunConfig(ops={"streams": Extract(job="extract-full")})
    names = context.instance.get_dynamic_partitions(PROJECTS.name)
    return [dg.RunRequest(partition_key=name, run_config=config) for name in names]


defs = dg.Definitions(
    assets=[streams, models],
    asset_checks=[fresh],
    jobs=[EXTRACT, TRANSFORM, FRESHNESS],
    sensors=[projects],
    schedules=[
        *(due, weekly),
        dg.ScheduleDefinition(job=TRANSFORM, cron_schedule="45 * * * *"),
        dg.ScheduleDefinition(job=FRESHNESS, cron_schedule="55 * * * *"),
    ],
)
