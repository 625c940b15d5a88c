"""The fleet in Dagster: a partition a project, an asset a stream, dbt's models downstream."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import psycopg2
from croniter import croniter
from fleet_command import BIN, ROOT, declared, run, status
from psycopg2 import sql

MODELS = sorted(path.stem for path in (ROOT / "transform" / "models" / "marts").glob("*.sql"))
STREAMS = {each.split(".")[0] for names in declared("streams").values() for each in names}
PROJECTS = dg.DynamicPartitionsDefinition(name="project")
RETRIES = dg.RetryPolicy(max_retries=3, delay=60, backoff=dg.Backoff.EXPONENTIAL)


class Extract(dg.Config):
    """Which job of `meltano.yml` a run is."""

    job: str = "extract"


def loaded(schema: str, stream: str, since: datetime) -> int:
    """Count the rows of a stream that the warehouse was given since then."""
    address = re.sub(r"\+\w+", "", os.environ["TARGET_POSTGRES_SQLALCHEMY_URL"], count=1)
    query = sql.SQL("SELECT count(*) FROM {} WHERE _sdc_received_at >= %s")
    in_utc = "-c timezone=UTC"  # as a column without a zone is meant
    with psycopg2.connect(address, options=in_utc) as warehouse, warehouse.cursor() as cursor:
        cursor.execute(query.format(sql.Identifier(schema, stream)), [since])
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
    schema = declared("schema")[name]
    result = run(name, config.job)
    if not result["ok"]:
        raise dg.Failure(result["message"], allow_retries=result["passing"])
    rejects = status()[name]["rejects"]
    facts = {key: result[key] for key in ("job", "requests", "seconds")}
    for stream in sorted(STREAMS & result["records"].keys()):
        read = result["records"][stream]
        counts = {"records": read, "rejects": rejects.get(stream, 0)}
        yield dg.MaterializeResult(asset_key=stream, metadata={**counts, **facts})
        rows = loaded(schema, stream, began)
        yield dg.AssetCheckResult(
            asset_key=stream,
            check_name="rows",
            passed=(0 < rows <= read) or read == 0,  # a contact that came twice is one row
            metadata={"read": read, "rows": rows},
        )


@dg.multi_asset(specs=[dg.AssetSpec(each, deps=list(STREAMS), group_name="dbt") for each in MODELS])
def models() -> Iterator[dg.MaterializeResult]:
    """Build dbt's models of all projects together; one that was never loaded has no tables yet."""
    command = [str(BIN / "meltano"), "run", "--no-install", "dbt-postgres:build"]
    known = {name for name, each in status().items() if each["bookmarks"]}
    schemas = {name: schema for name, schema in declared("schema").items() if name in known}
    environ = os.environ | {"DBT_CUSTOMERLY_PROJECTS": json.dumps(schemas)}
    done = subprocess.run(command, cwd=ROOT, env=environ, check=False)
    if done.returncode:
        raise dg.Failure("dbt-postgres:build failed: see the log of the run", allow_retries=False)
    yield from (dg.MaterializeResult(asset_key=model) for model in MODELS)


@dg.asset_check(asset="customerly__loads")
def fresh() -> dg.AssetCheckResult:
    """Every project was read when its schedule last said so, give or take an hour."""
    before = datetime.now(UTC) - timedelta(hours=1)
    crons = declared("schedule").items()
    due = {name: croniter(cron, before).get_prev(datetime).isoformat() for name, cron in crons}
    late = {
        name: each["message"] or f"not run since {due[name]}"
        for name, each in status().items()
        if not each["ok"] or each["ended_at"] < due[name]
    }
    return dg.AssetCheckResult(passed=not late, metadata=late)


EXTRACT = dg.define_asset_job(
    "extract", dg.AssetSelection.assets(*STREAMS), partitions_def=PROJECTS
)
TRANSFORM = dg.define_asset_job("transform", dg.AssetSelection.groups("dbt"))


@dg.sensor(job=EXTRACT, minimum_interval_seconds=60, default_status=dg.DefaultSensorStatus.RUNNING)
def projects(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Keep the partitions as `fleet.yml` names the projects."""
    named = set(declared("schema"))
    known = set(context.instance.get_dynamic_partitions(PROJECTS.name))
    add = PROJECTS.build_add_request(sorted(named - known))
    delete = PROJECTS.build_delete_request(sorted(known - named))
    return dg.SensorResult(dynamic_partitions_requests=[add, delete] if named != known else [])


@dg.schedule(job=EXTRACT, cron_schedule="* * * * *")
def due(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Run each project when its own `schedule` in `fleet.yml` says so."""
    now = context.scheduled_execution_time
    known = set(context.instance.get_dynamic_partitions(PROJECTS.name))
    return [
        dg.RunRequest(partition_key=name, run_key=f"{name} {now:%F %R}")
        for name, cron in declared("schedule").items()
        if name in known and croniter.match(cron, now)
    ]


@dg.schedule(job=EXTRACT, cron_schedule="30 3 * * 0")
def weekly(context: dg.ScheduleEvaluationContext) -> list[dg.RunRequest]:
    """Read everything once a week: what is gone is marked."""
    config = dg.RunConfig(ops={"streams": Extract(job="extract-full")})
    names = context.instance.get_dynamic_partitions(PROJECTS.name)
    return [dg.RunRequest(partition_key=name, run_config=config) for name in names]


defs = dg.Definitions(
    executor=dg.in_process_executor,  # what works is a process of its own already
    assets=[streams, models],
    asset_checks=[fresh],
    jobs=[EXTRACT, TRANSFORM],
    sensors=[projects],
    schedules=[due, weekly, dg.ScheduleDefinition(job=TRANSFORM, cron_schedule="45 * * * *")],
)
