"""The tap's command, and the files that it reads."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import click
from customerly.errors import ConfigError
from customerly.singer import OneLineCommand, read_object

if TYPE_CHECKING:
    from collections.abc import Callable


class TapCommand(OneLineCommand):
    """The tap's command, which reads `--state` and `--catalog` with clear complaints."""

    @classmethod
    def of(cls, command: click.Command, **kwargs: Any) -> OneLineCommand:
        """Take over the SDK's command.

        Args:
            command: As the SDK made it.
            kwargs: Further arguments of `SingerCommand`.

        Returns:
            The same command.
        """
        checks = {"state": check_state, "catalog": check_catalog}
        for option in command.params:
            if option.name in checks:
                option.type = JsonFile(checks[option.name])
        return super().of(command, **kwargs)


class JsonFile(click.ParamType):  # type: ignore[type-arg]
    """A file that holds a JSON object of a certain shape.

    Args:
        check: Complains about an object of another shape; it may change the object.
    """

    name = "filename"

    def __init__(self, check: Callable[[dict[str, Any]], None]) -> None:
        self._check = check

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,  # noqa: ARG002
    ) -> io.StringIO:
        """Read the file, in the form in which the SDK takes it.

        Args:
            value: The path.
            param: The option that names it.
            ctx: Unused.

        Returns:
            The file's text.

        Raises:
            ConfigError: There is no such file, or it holds something else.
        """
        name = f"--{param.name}" if param else "file"
        content = read_object(str(value), name)
        self._check(content)
        return io.StringIO(json.dumps(content))


def check_state(state: dict[str, Any]) -> None:
    """Complain about a state of a form that no tap has written.

    Args:
        state: The state.

    Raises:
        ConfigError: It has no `bookmarks` of the SDK's form.
    """
    bookmarks = state.get("bookmarks", {})
    if not isinstance(bookmarks, dict):
        raise ConfigError("state: bookmarks must be an object, stream to bookmark")
    for stream, bookmark in bookmarks.items():
        if not isinstance(bookmark, dict):
            raise ConfigError(f"state: bookmarks.{stream} must be an object")


def check_catalog(catalog: dict[str, Any]) -> None:
    """Complain about a catalog that the SDK could not read, and apply its metadata.

    The SDK looks for the replication method beside the schema only, where `--discover` has put its
    own; one that somebody chose in the metadata is what they want.

    Args:
        catalog: The catalog; its streams' `replication_method` may change.

    Raises:
        ConfigError: It is not in the form that `--discover` prints.
    """
    streams = catalog.get("streams")
    if not isinstance(streams, list):
        raise ConfigError("catalog: streams must be a list, as --discover prints it")
    for place, stream in enumerate(streams):
        if not isinstance(stream, dict) or not isinstance(stream.get("tap_stream_id"), str):
            raise ConfigError(f"catalog: streams[{place}] has no tap_stream_id")
        name = stream["tap_stream_id"]
        if not isinstance(stream.get("schema"), dict):
            raise ConfigError(f"catalog: stream {name} has no schema")
        metadata = stream.setdefault("metadata", [])
        if not isinstance(metadata, list) or not all(map(_is_metadata, metadata)):
            raise ConfigError(f"catalog: stream {name} has metadata of another form")
        for root in (item["metadata"] for item in metadata if not item["breadcrumb"]):
            for key in ("replication-method", "forced-replication-method"):
                if root.get(key):
                    stream["replication_method"] = root[key]
        if stream.get("replication_method") not in {None, "FULL_TABLE", "INCREMENTAL"}:
            raise ConfigError(
                f"catalog: the replication method of {name} must be FULL_TABLE or INCREMENTAL"
            )


def _is_metadata(item: object) -> bool:
    return (
        isinstance(item, dict)
        and isinstance(item.get("breadcrumb"), list)
        and isinstance(item.get("metadata"), dict)
    )
