"""The SDK's standard suite for targets, and the test that the SDK leaves out of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from customerly_sandbox import Sandbox
from singer_sdk.testing import get_target_test_class
from singer_sdk.testing.suites import SingerTestSuite
from singer_sdk.testing.target_tests import TargetMultipleStateMessages
from target_customerly.target import TargetCustomerly

# The suite sends streams with names of its own, such as test_array_data.
IGNORING: dict[str, Any] = {
    "access_token": "sandbox-token",
    "api_url": "http://127.0.0.1:9/v1",  # replaced when the sandbox is up
    "unknown_streams": "ignore",
}
# Here they are applied: each record becomes a lead. Three states come out of five since a batch
# of three is what they wait for.
APPLYING: dict[str, Any] = {
    "access_token": "sandbox-token",
    "api_url": "http://127.0.0.1:9/v1",
    "batch_size_rows": 3,
    "max_concurrency": 1,
    "streams": {"test_multiple_state_messages_?": {"resource": "leads"}},
    "stream_maps": {
        f"test_multiple_state_messages_{name}": {"email": f"'{name}' + str(id) + '@example.com'"}
        for name in "ab"
    },
}


class TestTargetCustomerly(get_target_test_class(TargetCustomerly, config=IGNORING)):  # type: ignore[misc]
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def sandbox(cls):
        with Sandbox(0, 0) as sandbox:
            IGNORING["api_url"] = sandbox.url
            yield sandbox


class MultipleStateMessages(TargetMultipleStateMessages):
    """The SDK's test; it compares text, where its runner by now reads the lines as JSON."""

    def test(self) -> None:
        sync, states = self.runner.sync_all, self.runner.state_messages

        def sync_as_text() -> None:
            sync()
            states[:] = [json.dumps(state) for state in states]

        self.runner.sync_all = sync_as_text
        super().test()


class TestTargetCustomerlyStates(
    get_target_test_class(  # type: ignore[misc]
        TargetCustomerly,
        config=APPLYING,
        include_target_tests=False,
        custom_suites=[SingerTestSuite(kind="target", tests=[MultipleStateMessages])],
    )
):
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def sandbox(cls):
        # With less, a second batch can be applied before the state after the first is passed on.
        with Sandbox(0, 0, latency_ms=100) as sandbox:
            APPLYING["api_url"] = sandbox.url
            yield sandbox
            found = {lead["email"]: lead["attributes"] for lead in sandbox.contacts("leads")}
        assert len(found) == 12
        assert found["b6@example.com"] == {"id": 6, "metric": 660}
