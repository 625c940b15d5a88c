"""Many Customerly projects in one Meltano project: each runs by itself, none sees another.

| module | holds |
| --- | --- |
| `definition` | `fleet.yml`, read and checked |
| `workspace` | the folder of a project: Meltano's system directory, lock, log and results |
| `runner` | a run of one project, and of many at once |
| `run_log` | what a run's log says: records, requests, and why it failed |
"""
