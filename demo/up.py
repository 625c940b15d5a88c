"""`make up`: the sandbox and PostgreSQL where `meltano.yml` looks for them, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack

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
            tell(*start(services))
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


def tell(api_url: str, warehouse: str) -> None:
    """Say where they are, and what can be done with them."""
    console.print(f"[green]✓[/] the sandbox is at     {api_url}")
    console.print(f"[green]✓[/] the warehouse is at   {warehouse}")
    moved = {
        "TAP_CUSTOMERLY_API_URL": (f":{SANDBOX_PORT}/", api_url),
        "TARGET_CUSTOMERLY_API_URL": (f":{SANDBOX_PORT}/", api_url),
        "TARGET_POSTGRES_SQLALCHEMY_URL": (f":{WAREHOUSE_PORT}/", warehouse),
    }
    exports = [f"export {name}={url}" for name, (usual, url) in moved.items() if usual not in url]
    console.print("\nIn another terminal:")
    if exports:
        console.print("  # the usual ports are taken, so first say where these are")
    for line in (
        *(line.replace("=postgresql:", "=postgresql+psycopg:") for line in exports),
        ". .venv/bin/activate",
        "meltano run extract",
        "IMPORT_FILE=demo/leads.csv meltano run import",
    ):
        console.print(f"  [bold]{line}[/]", soft_wrap=True)
    console.print("\nCtrl-C stops both.")


if __name__ == "__main__":
    sys.exit(main())
