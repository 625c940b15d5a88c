"""`customerly`: the command line. Each command is in a module of its own, loaded when needed."""

from __future__ import annotations

import importlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from customerly.cli.connecting import connection_options
from customerly.errors import CustomerlyError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class _Late(NamedTuple):
    """A command that is loaded when it is run."""

    place: str
    help: str
    extra: str = ""


_COMMANDS = {
    "check": _Late("check:check", "Say whether the token works, and what to do where not."),
    "doctor": _Late("doctor:doctor", "Check all that a pipeline needs, and say what to do."),
    "status": _Late("status:status", "Say how far each stream is, and how the last run went."),
    "users": _Late("contacts:users", "List, look up, change and delete users."),
    "leads": _Late("contacts:leads", "List, look up, change and delete leads."),
    "tags": _Late("tags:tags", "List tags, tie them to contacts, delete them."),
    "api": _Late("api:api", "Make any authorised call."),
    "import": _Late("importing.command:import_", "Import contacts from CSV files and workbooks."),
    "listen": _Late("listen:listen", "Receive webhooks, and keep each on disk."),
    "fleet": _Late("fleet:fleet", "Run many Customerly projects, each by itself."),
    "trigger": _Late(
        "trigger:trigger", "Send a webhook about a made-up contact, as Customerly would."
    ),
    "rejects": _Late("rejects:rejects", "Deal with the records that a run could not apply."),
    "sandbox": _Late(
        "customerly_sandbox.cli:sandbox",
        "Run a local stand-in for the API, filled with made-up contacts.",
        extra="sandbox",
    ),
    "completion": _Late("completion:completion", "Print the completion script of a shell."),
}
"""The commands, with the line that `customerly --help` has for each: it loads none of them."""


class CommandLine(click.Group):
    """The group of all commands: loads them late, and says each error on one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Name the commands.

        Args:
            ctx: Unused.

        Returns:
            Their names, in the order of the help.
        """
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Load one command.

        Args:
            ctx: Unused.
            cmd_name: Its name.

        Returns:
            The command; None where there is none of that name.
        """
        if cmd_name not in _COMMANDS:
            return None
        place, _, extra = _COMMANDS[cmd_name]
        module, name = place.split(":")
        try:
            found = importlib.import_module(module if extra else f"{__name__}.{module}")
        except ModuleNotFoundError:
            if not extra:
                raise
            message = f"{cmd_name} needs an extra: pip install 'customerly[{extra}]'"
            raise click.ClickException(message) from None
        command: click.Command = getattr(found, name)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete a command's name without loading one; click would load all of them.

        Args:
            ctx: As click's.
            incomplete: What was typed of it.

        Returns:
            The commands and options that begin so.
        """
        from click.shell_completion import CompletionItem

        return [
            CompletionItem(name, help=command.help)
            for name, command in _COMMANDS.items()
            if name.startswith(incomplete)
        ] + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without loading them.

        Args:
            ctx: Unused.
            formatter: Takes the lines.
        """
        rows = [(name, command.help) for name, command in _COMMANDS.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command, until whoever reads its output has seen enough.

        Args:
            ctx: As click's.

        Returns:
            What the command returns.
        """
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _forget_output()
            raise click.exceptions.Exit(0) from None

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and end the process.

        Args:
            args: As click's.
            extra: As click's.
        """
        if sys.stdout is None:  # closed by the caller, who wants no output
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        try:
            status = super().main(*args, **{**extra, "standalone_mode": False})
            sys.stdout.flush()
        except click.exceptions.NoArgsIsHelpError as asked:
            asked.show()
            status = asked.exit_code
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "customerly"
            status = _say(
                f"{error.format_message().rstrip('.')}{_suggestion(error)} (see `{path} --help`)",
                error.exit_code,
            )
        except click.ClickException as error:
            status = _say(error.format_message(), error.exit_code)
        except CustomerlyError as error:
            status = _say(str(error), 1)
        except click.Abort:
            status = _say("Interrupted", 1)
        except UnicodeEncodeError:
            status = _say("An argument holds bytes that are no UTF-8", 2)
        except OSError as error:
            _forget_output()
            status = _say(f"The output cannot be written: {error.strerror or error}", 1)
        sys.exit(status if isinstance(status, int) else 0)


def _suggestion(error: click.UsageError) -> str:
    """Name the commands that a mistyped one may have meant."""
    context = error.ctx
    mistyped = re.search(r"No such command '(.+)'", error.message)
    if context is None or mistyped is None or not isinstance(context.command, click.Group):
        return ""
    from difflib import get_close_matches

    meant = get_close_matches(mistyped[1], context.command.list_commands(context), 3, 0.5)
    return f"; did you mean {' or '.join(meant)}?" if meant else ""


def _say(line: str, status: int) -> int:
    click.echo(f"Error: {' '.join(line.split())}", err=True)
    return status


def _forget_output() -> None:
    """Let what is still in the buffer go nowhere, so that Python's own flush at exit is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


@click.group(
    "customerly",
    cls=CommandLine,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="customerly", prog_name="customerly")
@connection_options
def main() -> None:
    """Customerly from the command line.

    Results go to standard output as JSON, one object a line where there are several; messages
    go to standard error. Exit status: 0, 1 (the API said no, or a delete was declined), 2 (usage).

    The token is read from CUSTOMERLY_ACCESS_TOKEN or from --access-token-file, never from an
    argument, which other users of the machine could see.

    Example: customerly users list --limit 10 --sort name --desc
    """
