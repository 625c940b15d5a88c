"""Whose a state is, so that no run reads under the bookmarks of another project or another job."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_ADDRESS = "api"
_ID = "app_id"
_JOB = "job"


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


def meltano_job(environ: Mapping[str, str]) -> str:
    """Name what Meltano keeps a state for, as far as it tells the plugin.

    Two runs of one plugin at once in one folder can be handed each other's state: Meltano 4.4 has
    one file for both.

    Args:
        environ: Environment variables.

    Returns:
        Environment and state ID suffix, as `live:second`; empty outside Meltano. A suffix that was
        given as an option, not as MELTANO_RUN_STATE_ID_SUFFIX, does not show.
    """
    names = ("MELTANO_ENVIRONMENT", "MELTANO_RUN_STATE_ID_SUFFIX")
    return ":".join(filter(None, (environ.get(name) for name in names)))


class ProjectGuard:
    """Compares the project in the state with the one that answers.

    A project is known by the API's URL and by the `app_id` of its contacts
    (docs/api-contract.md#fields-of-a-contact): a token can be replaced without changing it.

    Args:
        state: The tap's state; `project` in it says whose it is.
        api_url: The API's URL.
        warn: Takes a line for the log.
        job: What keeps the state, see `meltano_job`; empty where that is not known.
    """

    def __init__(
        self, state: dict[str, Any], api_url: str, warn: Callable[[str], object], job: str = ""
    ) -> None:
        self._state = state
        self._mark = {_ADDRESS: address_digest(api_url)} | ({_JOB: job} if job else {})
        self._warn = warn
        self._recognised = False

    def takes(self, state: dict[str, Any]) -> bool:
        """Say whether a state can be this project's and job's, and warn where it can't.

        Args:
            state: As an earlier run emitted it.

        Returns:
            False where it was written for another API, or by another job.
        """
        project = state.get("project")
        written = project if isinstance(project, dict) else {}
        for key, what in ((_ADDRESS, "for another api_url"), (_JOB, "by another Meltano job")):
            if self._mark.get(key) and written.get(key) not in (None, self._mark[key]):
                self._warn(
                    f"The state was written {what}: it is passed over, and every stream is read "
                    "from its beginning"
                )
                return False
        return True

    def mark(self, project: object = None) -> None:
        """Say in the state whose it is.

        Args:
            project: What an earlier run said.
        """
        known = project if isinstance(project, dict) else {}
        marked = self._state.setdefault("project", dict(self._mark))
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
        project = self._state.setdefault("project", dict(self._mark))
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
