"""The SDK's standard suite for taps."""

from __future__ import annotations

from pathlib import Path

from singer_sdk.testing import SuiteConfig, get_tap_test_class
from tap_contact_files.tap import TapContactFiles

LEADS = Path(__file__).with_name("leads.csv")

TestStandard = get_tap_test_class(
    TapContactFiles,
    config={"files": [{"path": str(LEADS)}]},
    suite_config=SuiteConfig(max_records_limit=10),
)
