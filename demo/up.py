"""`make up`: the sandbox and PostgreSQL where `meltano.yml` looks for them, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack

from customerly_sandbox.project import TOKEN
from pipelines import BIN, ROOT
from postgres import postgres
from processes import ServiceError, free_port, interruptible, is_free, running
from rich.console import Console

FOLDER = ROOT / ".services"
SANDBOX_PORT, WAREHOUSE_PORT = 8686, 8687

console = Console(highlight=False)


def main() -> int:
    """Keep the services running.

    Returns:
        The exit status.
    """
    FOLDER.mkdir(exist_ok=True)
    try:
        with interruptible(), ExitStack() as services:
            explain(*start(services))
            signal.pause()
    except KeyboardInterrupt:
        console.print("\nStopped; what they hold is kept for the next time.")
    except ServiceError as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return 0


def start(services: ExitStack) -> tuple[str, str]:
    """Start both, on the usual ports where those are free.

    Returns:
        The sandbox's URL and PostgreSQL's address.
    """
    port = SANDBOX_PORT if is_free(SANDBOX_PORT) else free_port()
    command = [BIN / "customerly", "sandbox", "--port", port, "--state", FOLDER / "sandbox.json"]
    services.enter_context(
        running(
            command,
            name="The sandbox",
            log=FOLDER / "sandbox.log",
            ready=lambda: not is_free(port),
        )
    )
    usual = WAREHOUSE_PORT if is_free(WAREHOUSE_PORT) else None
    warehouse = services.enter_context(postgres(FOLDER / "postgres", usual))
    return f"http://127.0.0.1:{port}/v1", warehouse


def explain(api_url: str, warehouse: str) -> None:
    """Say where they are, and what can be done with them."""
    page = api_url.removesuffix("/v1") + "/_sandbox/ui"
    for what, where in (("sandbox", api_url), ("page", page), ("warehouse", warehouse)):
        console.print(f"[green]✓[/] {f'the {what} is at':<20}  {where}", soft_wrap=True)
    console.print("\nIn another terminal:")
    for line in commands(api_url, warehouse):
        console.print(f"  [bold]{line}[/]", soft_wrap=True)
    console.print("\nCtrl-C stops both.")


def commands(api_url: str, warehouse: str) -> list[str]:
    """The commands to try, which work as they stand, one after the other."""
    moved = {
        "TAP_CUSTOMERLY_API_URL": (f":{SANDBOX_PORT}/", api_url),
        "TARGET_CUSTOMERLY_API_URL": (f":{SANDBOX_PORT}/", api_url),
        "TARGET_POSTGRES_SQLALCHEMY_URL": (
            f":{WAREHOUSE_PORT}/",
            warehouse.replace("://", "+psycopg://"),
        ),
    }
    return [
        ". .venv/bin/activate",
        f"export CUSTOMERLY_ACCESS_TOKEN={TOKEN}",
        f"export CUSTOMERLY_API_URL={api_url}",
        # Where the usual ports are taken, the pipelines have to be given the others.
        *(f"export {name}={url}" for name, (usual, url) in moved.items() if usual not in url),
        "customerly users list --limit 3 --table",
        "meltano run extract",
        "customerly import demo/leads.csv --yes  # a row is wrong on purpose",
    ]


if __name__ == "__main__":
    sys.exit(main())
