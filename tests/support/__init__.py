"""The harness that every test shares.

| module | holds |
| --- | --- |
| `run` | `Run`; `invoke` runs in this process; `execute`, `shell`, `start` the installed command |
| `prefork` | `prefork`: a command that is loaded once, and run again and again |
| `tap` | `run_tap`, `discovered`, `selecting` |
| `target` | `run_target`, and the Singer messages `schema`, `record`, `state` |
| `stub` | `StubServer`: answers a path, or every path, as a test says, byte for byte |
| `clock` | `ManualClock`: time that moves only when a test, or a sleep, moves it |
| `waiting` | `eventually`: waits until something is so |
| `meltano` | `project`, a copy of the Meltano project; `warehouse`; `expected`, `landed` |
| `browser` | `Browser`: headless Chromium |
"""
