"""The SDK's standard suite for taps, against the sandbox."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from customerly_sandbox import Sandbox
from singer_sdk.testing import get_tap_test_class
from tap_customerly.tap import TapCustomerly

CONFIG: dict[str, Any] = {
    "access_token": "sandbox-token",
    "api_url": "http://127.0.0.1:9/v1",  # replaced when the sandbox is up
    "custom_streams": [
        {"name": "shelves", "path": "knowledge/collections", "primary_keys": ["slug"]}
    ],
}


class _Tap(TapCustomerly):
    """The tap as the suite makes it, without a command whose end would close its connections."""

    made: ClassVar[list[_Tap]] = []

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.made.append(self)


class TestTapCustomerly(get_tap_test_class(_Tap, config=CONFIG)):  # type: ignore[misc]
    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def sandbox(cls):
        with Sandbox(260, 40) as sandbox:
            CONFIG["api_url"] = sandbox.url
            yield sandbox
            for tap in _Tap.made:
                tap._close()
            _Tap.made.clear()
