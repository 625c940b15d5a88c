"""Which project a state belongs to, so that no run reads under another project's bookmarks."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_ADDRESS = "api"
_ID = "app_id"


class OtherProject(CustomerlyError):
    """The state belongs to another project; it has been emptied."""


def address_digest(api_url: str) -> str:
    """Return what stands for the API's URL in the state.

    Args:
        api_url: The setting.

    Returns:
        Sixteen hexadecimal digits; capitals and a final slash make no difference.
    """
    url = api_url.strip().rstrip("/").lower()
    return hashlib.sha256(url.encode()).hexdigest()[:16]


class ProjectGuard:
    """Compares the project in the state with the one that answers.

    A project is known by the API's URL and by the `app_id` of its contacts
    (docs/api-contract.md#fields-of-a-contact): a token can be replaced without changing it.

    Args:
        state: The tap's state; `project` in it says whose it is.
        api_url: The API's URL.
        warn: Takes a line for the log.
    """

    def __init__(self, state: dict[str, Any], api_url: str, warn: Callable[[str], object]) -> None:
        self._state = state
        self._address = address_digest(api_url)
        self._warn = warn
        self._recognised = False

    def takes(self, state: dict[str, Any]) -> bool:
        """Say whether a state can be this project's, and warn where it can't.

        Args:
            state: As an earlier run emitted it.

        Returns:
            False where it was written for another API.
        """
        project = state.get("project")
        address = project.get(_ADDRESS) if isinstance(project, dict) else None
        if address in {None, self._address}:
            return True
        self._warn(
            "The state was written for another api_url: it is passed over, and every stream is "
            "read from its beginning"
        )
        return False

    def mark(self, project: object = None) -> None:
        """Say in the state whose it is.

        Args:
            project: What an earlier run said.
        """
        known = project if isinstance(project, dict) else {}
        marked = self._state.setdefault("project", {_ADDRESS: self._address})
        if isinstance(known.get(_ID), str):
            marked[_ID] = known[_ID]

    def recognise(self, ids: Iterable[object]) -> None:
        """Compare the first contacts of a run with the state.

        Args:
            ids: The `app_id` of each.

        Raises:
            OtherProject: None of them is of the state's project. The state is empty now, but for
                the name of the new project.
        """
        if self._recognised:
            return
        found = {str(each) for each in ids if each not in (None, "")}
        if not found:
            return
        self._recognised = True
        project = self._state.setdefault("project", {_ADDRESS: self._address})
        expected = project.get(_ID)
        if expected in found:
            return
        project[_ID] = min(found)
        if expected is None:
            return
        self._state.get("bookmarks", {}).clear()
        self._warn(
            "The state belongs to another project than the access token: it is passed over, and "
            "every stream is read from its beginning"
        )
        raise OtherProject("The state belongs to another project")
