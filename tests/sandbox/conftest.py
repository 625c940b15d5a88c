"""A caller that speaks to the sandbox over real HTTP, as any client of the API would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from customerly_sandbox import Sandbox


class Caller:
    """Sends authorised requests; every call gives (status, decoded body)."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {sandbox.token}"

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        answer = self.send(method, path, body, **query)
        return answer.status_code, answer.json()

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> requests.Response:
        return self.session.request(
            method,
            f"{self.sandbox.url}/{path}",
            json=body,
            params=query,
            timeout=10,
            allow_redirects=False,
        )

    def data(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The envelope's data."""
        status, found = self(method, path, body, **query)
        assert status == 200, found
        return found["data"]

    def list(self, kind: str, page: int = 0, per_page: int = 100, **query: Any) -> list[Any]:
        query = {"sort": "last_update", "sort_direction": "asc", **query}
        found = self.data("GET", f"{kind}/list", page=page, per_page=per_page, **query)[kind]
        assert isinstance(found, list)
        return found

    def control(self, method: str, name: str, body: Any = None, **query: Any) -> tuple[int, Any]:
        answer = self.session.request(
            method, f"{self.sandbox.control_url}/{name}", json=body, params=query, timeout=10
        )
        return answer.status_code, answer.json()


@pytest.fixture
def make_api(make_sandbox: Callable[..., Sandbox]) -> Iterator[Callable[..., Caller]]:
    """Starts a sandbox with any of its arguments, and gives a caller of it."""
    made: list[Caller] = []

    def make(**settings: Any) -> Caller:
        made.append(Caller(make_sandbox(**settings)))
        return made[-1]

    yield make
    for caller in made:
        caller.session.close()


@pytest.fixture
def api(make_api: Callable[..., Caller]) -> Caller:
    return make_api()
