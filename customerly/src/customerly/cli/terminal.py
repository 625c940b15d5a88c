"""What commands print, read and ask: results on standard output, all else on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    Callback = Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, str]]

yes_option = click.option("--yes", is_flag=True, help="Delete without asking.")


def print_json(*results: Any) -> None:
    """Print results as JSON, one a line; they have left when this returns.

    Args:
        results: What the API answered, or what a command did.

    Raises:
        OSError: Standard output takes no more; BrokenPipeError where its reader has gone.
    """
    sys.stdout.buffer.write(b"".join(msgspec.json.encode(result) + b"\n" for result in results))
    sys.stdout.flush()


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something that cannot be undone.

    Args:
        question: Ends in a question mark.
        yes: Whether the answer was given beforehand.

    Raises:
        ClickException: The answer is no, or there is nobody to give one.
    """
    if yes:
        return
    click.echo(f"{question} [y/N] ", nl=False, err=True)
    try:
        answer = sys.stdin.readline() if sys.stdin else ""
    except (OSError, ValueError):
        answer = ""
    if not (answer and sys.stdin.isatty()):  # nobody has typed the end of the line
        click.echo(err=True)
    if answer.strip().lower() not in {"y", "yes"}:
        why = "Declined" if answer else "Nobody is there to answer"
        message = f"{why}: nothing was deleted. With --yes it is deleted without asking."
        raise click.ClickException(message)


def pairs(separator: str) -> Callback:
    """Read a repeatable option of the form `name=value`.

    Args:
        separator: What stands between the two.

    Returns:
        A callback for click that makes a dict of it.
    """

    def read(
        _context: click.Context, _option: click.Parameter, given: tuple[str, ...]
    ) -> dict[str, str]:
        found: dict[str, str] = {}
        for text in given:
            name, between, value = text.partition(separator)
            # The text is not repeated here: a token may stand in the wrong place.
            if not between or not name.strip():
                message = f"use the form name{separator}value"
                raise click.BadParameter(message)
            if name in found:
                message = f"{name} is given twice"
                raise click.BadParameter(message)
            found[name] = value
        return found

    return read
