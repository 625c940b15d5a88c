"""`customerly completion`: what a shell needs in order to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    Example: customerly completion bash > ~/.local/share/bash-completion/completions/customerly

    Example: customerly completion fish > ~/.config/fish/completions/customerly.fish
    """
    from customerly.cli import main

    made = get_completion_class(shell)
    if made is None:
        message = f"There is no completion for {shell}"
        raise click.UsageError(message)
    click.echo(made(main, {}, "customerly", "_CUSTOMERLY_COMPLETE").source())
