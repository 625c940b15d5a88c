"""Runs in Dagster's environment: what Dagster makes of the fleet, as JSON.

Without arguments, what the sensor and the schedules ask for; else how the run of each project ended
that is named.
"""

import json
import sys
from datetime import UTC, datetime

import dagster as dg
import definitions


def plan(instance: dg.DagsterInstance) -> dict[str, object]:
    """What the sensor and the schedules ask for."""
    repository = definitions.defs.get_repository_def()
    jobs = {name: definitions.defs.resolve_job_def(name) for name in ("extract", "transform")}
    with dg.build_sensor_context(instance=instance, repository_def=repository) as context:
        (added, removed) = definitions.projects(context).dynamic_partitions_requests
    instance.add_dynamic_partitions("project", list(added.partition_keys))
    found: dict[str, object] = {"added": added.partition_keys, "removed": removed.partition_keys}
    found["jobs"] = {n: sorted(node.name for node in job.graph.nodes) for n, job in jobs.items()}
    for name, at in (("due", (5, 0)), ("due", (6, 0)), ("weekly", (30, 3))):
        when = datetime(2026, 11, 29, at[1], at[0], tzinfo=UTC)
        context = dg.build_schedule_context(instance, when, repository_def=repository)
        requests = getattr(definitions, name)(context)
        found[f"{name} {when:%H:%M}"] = [each.partition_key for each in requests]
    return found


def materialise(instance: dg.DagsterInstance, name: str) -> dict[str, object]:
    """How the run of a project ended."""
    instance.add_dynamic_partitions("project", [name])
    job = definitions.defs.resolve_job_def("extract")
    result = job.execute_in_process(partition_key=name, instance=instance, raise_on_error=False)
    failures = [each.event_specific_data.error for each in result.get_step_failure_events()]
    retries = [each for each in result.all_events if each.is_step_up_for_retry]
    return {
        "ok": result.success,
        "said": [each.cause.message if each.cause else each.message for each in failures],
        "retries": len(retries),
        "metadata": {
            each.asset_key.to_user_string(): {
                key: value.value for key, value in each.materialization.metadata.items()
            }
            for each in result.get_asset_materialization_events()
        },
        "checks": {
            each.asset_key.to_user_string(): each.passed
            for each in result.get_asset_check_evaluations()
        },
    }


if __name__ == "__main__":
    with dg.instance_for_test() as temporary:
        names = sys.argv[1:]
        print(json.dumps({n: materialise(temporary, n) for n in names} or plan(temporary)))
