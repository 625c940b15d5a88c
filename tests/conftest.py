"""Fixtures for every test: a sandbox over real HTTP, fresh for each."""

from __future__ import annotations

import gc
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from customerly_sandbox import Sandbox
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from tests.support.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xdist.remote import Producer
    from xdist.scheduler import Scheduling

pytest_plugins = ["tests.support.meltano"]

settings.register_profile("short", deadline=None)  # a busy machine is no failure
settings.register_profile("soak", max_examples=2_000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))


class _ModelsTogether(LoadScopeScheduling):
    """Gives one worker all tests of the models, which are built once; any other to either."""

    def _split_scope(self, nodeid: str) -> str:
        return "transform" if nodeid.startswith("tests/transform/") else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """In place of `--dist loadgroup`: xdist 3.8 marks no group under pytest 9.2."""
    return _ModelsTogether(config, log)


_SPARE = 25
"""Descriptors that a module may leave open: those of services that last as long as the tests."""

_MANY = 200
"""Descriptors that are open without harm; garbage of many modules may be among them."""


def _open_descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


@pytest.fixture(scope="module", autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    """Whoever leaves sockets or files open fails, not the test that runs out of them much later."""
    before = _open_descriptors()
    yield
    gc.unfreeze()  # the SDK's own tests run commands, which freeze what there is
    if _open_descriptors() > min(before + _SPARE, _MANY):
        gc.collect()  # half a second, with all tests in memory
    eventually(lambda: _open_descriptors() <= before + _SPARE)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """A connector that runs in this process handles signals its own way: undo it after the test."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Every wait of the client between two attempts, in seconds, which takes no time."""
    waited: list[float] = []

    def wait(_clock: object, seconds: float) -> bool:
        waited.append(seconds)
        return False

    monkeypatch.setattr("customerly.rate_limit.SystemClock.wait", wait)
    monkeypatch.setattr("customerly.rate_limit.SystemClock.now", lambda _clock: sum(waited))
    return waited


@pytest.fixture(autouse=True)
def _quick_retries(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's first waits are short, but where a test asks how long it waits."""
    if "waits" not in request.fixturenames:
        monkeypatch.setattr("customerly.retries._FIRST_WAIT", 0.001)
        monkeypatch.setattr("customerly.retries._FIRST_WAIT_REFUSED", 0.001)


@pytest.fixture
def make_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes with any of `Sandbox`'s arguments; all of them are stopped at the end."""
    started: list[Sandbox] = []

    def make(users: int = 30, leads: int = 12, **settings: Any) -> Sandbox:
        started.append(Sandbox(users, leads, **settings).start())
        return started[-1]

    yield make
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A small sandbox: 30 users, 12 leads, seed 7."""
    return make_sandbox()


@pytest.fixture
def empty_sandbox(make_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox without contacts, tags or companies."""
    return make_sandbox(users=0, leads=0)


@pytest.fixture
def api_settings(sandbox: Sandbox) -> dict[str, Any]:
    """Settings with which a connector reaches `sandbox`, without long waits."""
    return {**sandbox.config, "request_timeout": 10, "max_attempts": 3, "max_wait": 0.5}
