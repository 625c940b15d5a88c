"""Headless Chromium, from Debian (`make browser`): what a page shows and what it loads."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

if TYPE_CHECKING:
    from typing import Self

    from selenium.webdriver.remote.webelement import WebElement

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless",
    "--no-sandbox",  # it is run as root, and opens our own pages alone
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
)


def _programs() -> tuple[str, str]:
    """The paths of browser and driver; without them the test is skipped, but fails in CI."""
    browser = next(filter(None, map(shutil.which, _NAMES)), None)
    driver = shutil.which("chromedriver")
    if browser is None or driver is None:
        message = "Chromium and its driver are missing: run `make browser`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return browser, driver


class Browser:
    """One browser with a profile of its own, for a `with` block.

    Args:
        width: Of its window, in pixels.
        height: Of its window, in pixels.
    """

    def __init__(self, width: int = 1200, height: int = 900) -> None:
        program, driver = _programs()
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        options = Options()
        options.binary_location = program
        for flag in (*_FLAGS, f"--window-size={width},{height}"):
            options.add_argument(flag)
        options.add_argument(f"--user-data-dir={self._profile.name}")
        options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
        self.driver = webdriver.Chrome(options, Service(driver))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.driver.quit()
        self._profile.cleanup()

    def open(self, page: str | Path) -> None:
        """Load a page: a URL, or a file's path."""
        self.driver.get(page.resolve().as_uri() if isinstance(page, Path) else page)

    def dark(self, *, on: bool = True) -> None:
        """Prefer dark colours, or light ones."""
        feature = {"name": "prefers-color-scheme", "value": "dark" if on else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})

    def find(self, css: str) -> WebElement:
        """The first element that a CSS selector finds."""
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def texts(self, css: str) -> list[str]:
        """What each element shows that a CSS selector finds, read in one go."""
        script = "return [...document.querySelectorAll(arguments[0])].map(each => each.innerText)"
        texts: list[str] = self.evaluate(script, css)
        return texts

    def click(self, css: str) -> None:
        """Click on the first element that a CSS selector finds, even while the page renews it."""
        self.evaluate("document.querySelector(arguments[0]).click()", css)

    def table(self, css: str) -> list[list[str]]:
        """The text of each cell of each row of a table's body."""
        rows: list[list[str]] = self.evaluate(
            "return [...document.querySelectorAll(arguments[0] + ' tbody tr')]"
            ".map(row => [...row.cells].map(cell => cell.innerText.trim()))",
            css,
        )
        return rows

    def evaluate(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def screenshot(self, path: Path) -> Path:
        """Keep a picture of the whole page."""
        height = self.evaluate("return document.documentElement.scrollHeight")
        self.driver.set_window_size(self.driver.get_window_size()["width"], height + 150)
        self.driver.save_screenshot(str(path))
        return path

    def hosts(self) -> set[str]:
        """Host and port of everything that was loaded since this was last asked."""
        events = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        urls = [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return {parts.netloc for parts in map(urlsplit, urls) if parts.scheme.startswith("http")}

    def complaints(self) -> list[str]:
        """What the page wrote on the browser's console since this was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]
