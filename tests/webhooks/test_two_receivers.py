"""Two receivers with a spool each, behind one port: docs/scaling.md's recipe."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import requests

from tests.support.tap import run_tap, selecting
from tests.webhooks.conftest import SECRET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.webhooks.conftest import Listening


@contextmanager
def one_port(*receivers: Listening) -> Iterator[str]:
    """A proxy that hands each request to the next receiver in turn: its address."""
    turns = itertools.cycle(receivers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = next(turns).request("POST", self.path, body)
            self.send_response(answer.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_request(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/{SECRET}"
        server.shutdown()
        thread.join()


def test_deliveries_behind_one_port_are_read_once_from_the_two_spools(
    listen: Callable[..., Listening], api_settings: dict[str, object]
) -> None:
    receivers = [listen(), listen()]
    states: list[object] = [None, None]

    def deliver(numbers: range) -> None:
        with one_port(*receivers) as url, ThreadPoolExecutor(4) as pool:
            sent = pool.map(lambda n: requests.post(url, json={"n": n}, timeout=20), numbers)
            assert {answer.status_code for answer in sent} == {200}

    def read() -> list[list[int]]:
        """What a run of the tap reads from each spool, with a state of its own."""
        found = []
        for place, receiver in enumerate(receivers):
            config = {**api_settings, "webhook_spool": str(receiver.spool)}
            catalog = selecting("webhook_events", config=config)
            run = run_tap(config, catalog=catalog, state=states[place])
            assert run.code == 0, run.stderr
            states[place] = run.state
            found.append([each["body"]["n"] for each in run.records("webhook_events")])
        return found

    deliver(range(40))
    first = read()
    assert all(first), "each took a part"
    assert sorted(itertools.chain(*first)) == list(range(40))
    deliver(range(40, 60))
    assert sorted(itertools.chain(*read())) == list(range(40, 60))
