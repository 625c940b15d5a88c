"""`customerly listen`: the webhook receiver."""

from __future__ import annotations

from pathlib import Path

import click

MEGABYTE = 1 << 20


def _tell(line: str) -> None:
    click.echo(line, err=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8800,
    show_default=True,
    help="0: any that is free.",
)
@click.option(
    "--path-secret-file",
    type=click.Path(path_type=Path),
    required=True,
    help="A file with the secret that the URL's path begins with.",
)
@click.option(
    "--spool",
    "spool_path",
    type=click.Path(path_type=Path),
    required=True,
    help="Directory to keep deliveries in; made where it is missing.",
)
@click.option(
    "--keep-days",
    type=click.FloatRange(0),
    default=30.0,
    show_default=True,
    help="How long to keep what the tap has read.",
)
@click.option(
    "--keep-mb",
    type=click.IntRange(1),
    default=1_024,
    show_default=True,
    help="Size above which what the tap has read goes sooner.",
)
@click.option(
    "--max-spool-mb",
    type=click.IntRange(1),
    default=10_240,
    show_default=True,
    help="Size at which deliveries are refused: what is unread is never removed.",
)
@click.option(
    "--max-body-kb",
    type=click.IntRange(1, 65_536),
    default=1_024,
    show_default=True,
    help="Largest body of a delivery.",
)
@click.option(
    "--max-per-second",
    type=click.FloatRange(min=0, min_open=True),
    default=2_000.0,
    show_default=True,
    help="Most deliveries a second.",
)
@click.option(
    "--max-connections",
    type=click.IntRange(1),
    default=1_000,
    show_default=True,
    help="Most connections at once.",
)
@click.option(
    "--body-seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="How long a body may take to come.",
)
@click.option(
    "--forward-to",
    metavar="URL",
    help="Pass each delivery on to this URL, too, once it is on disk. A failure fails nothing.",
)
def listen(
    *,
    host: str,
    port: int,
    path_secret_file: Path,
    spool_path: Path,
    keep_days: float,
    keep_mb: int,
    max_spool_mb: int,
    max_body_kb: int,
    max_per_second: float,
    max_connections: int,
    body_seconds: float,
    forward_to: str | None,
) -> None:
    """Receive webhooks, and keep each on disk before answering 200.

    Deliveries come to /SECRET or /SECRET/NAME. The tap's stream webhook_events reads them
    from the spool. /healthz says whether the receiver is up.

    Example: customerly listen --path-secret-file secret.txt --spool spool
    """
    try:
        from customerly.webhooks.forwarding import Forwarder
        from customerly.webhooks.keeper import Keeper
        from customerly.webhooks.limits import Limits
        from customerly.webhooks.receiver import Receiver
        from customerly.webhooks.serving import bind, read_secret, serve, within_file_limit
        from customerly.webhooks.spool import Spool
    except ImportError as error:
        message = "The receiver needs an extra: pip install 'customerly[listen]'"
        raise click.ClickException(message) from error

    secret = read_secret(path_secret_file, _tell)
    limits = within_file_limit(
        Limits(
            body_bytes=max_body_kb << 10,
            deliveries_per_second=max_per_second,
            connections=max_connections,
            body_seconds=body_seconds,
        )
    )
    forwarder = Forwarder(forward_to, _tell) if forward_to else None
    with Spool(spool_path, max_bytes=max_spool_mb * MEGABYTE) as spool, bind(host, port) as taken:
        keeper = Keeper(
            spool,
            _tell,
            limits,
            keep_seconds=keep_days * 86_400,
            keep_bytes=keep_mb * MEGABYTE,
            forward=forwarder.take if forwarder else lambda _: None,
        )
        receiver = Receiver(keeper, secret, _tell, limits)
        address, number = taken.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        _tell(f"listening on http://{shown}:{number}")
        serve(receiver, keeper, taken, limits)
        if forwarder:
            forwarder.close()
        kept = "1 delivery" if keeper.stored == 1 else f"{keeper.stored} deliveries"
        _tell(f"stopped; kept {kept}")
