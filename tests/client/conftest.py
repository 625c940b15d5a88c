"""What the client's tests share."""

import pytest
from customerly.api import Api
from customerly.client import Client
from customerly.connection import Connection

from tests.support.stub import StubServer

TOKEN = "s3cr3t-t0ken"


@pytest.fixture
def serve(monkeypatch):
    """Start a scripted server and return it with an API that speaks to it, without long waits."""
    monkeypatch.setattr("customerly.retries._FIRST_WAIT", 0.01)
    opened = []

    def start(*script, **settings):
        server = StubServer(*script)
        config = {"access_token": TOKEN, "api_url": server.url, **settings}
        client = Client(Connection.from_config(config, user_agent="tests/1"))
        opened.extend([server, client])
        return server, Api(client)

    yield start
    for resource in opened:
        resource.__exit__(None, None, None)
