"""The fleet in Airflow 3: a task a project, each hour; everything, once a week."""

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException
from fleet_command import AT_ONCE, declared, run

RETRIES = {"retries": 3, "retry_delay": 60, "retry_exponential_backoff": True}
projects = task(task_id="projects")(lambda: list(declared("schema")))


def fleet(job: str, schedule: str) -> None:
    """Make the DAG of a job of `meltano.yml`."""

    @task(max_active_tis_per_dag=AT_ONCE, map_index_template="{{ task.op_kwargs['name'] }}")
    def extract(name: str) -> dict[str, object]:
        result = run(name, job)
        if not result["ok"]:  # a refused token is not tried again
            raise (RuntimeError if result["passing"] else AirflowFailException)(result["message"])
        return result

    @dag(f"customerly-{job}", schedule=schedule, default_args=RETRIES)
    def every_project() -> None:
        extract.expand(name=projects())

    every_project()


fleet("extract", "5 * * * *")
fleet("extract-full", "30 3 * * 0")
