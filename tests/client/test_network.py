"""What lies between the client and the API: TLS, proxies, certificates."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading

import pytest
from customerly.client import Client
from customerly.connection import Connection
from customerly.errors import ConfigError, GaveUp, OutcomeUnclear

VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    for name in (*VARIABLES, *PROXIES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def client(url="https://api.example.invalid/v1", **settings):
    config = {"access_token": "s3cr3t", "api_url": url, **settings}
    return Client(Connection.from_config(config, user_agent="tests/1"))


@pytest.fixture
def listen():
    """Start a server that does something with each connection; its port and its connections."""
    opened = []

    def start(serve):
        listening = socket.create_server(("127.0.0.1", 0))
        opened.append(listening)
        seen = []

        def run():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                seen.append(connection)
                with connection, contextlib.suppress(OSError):
                    serve(connection)

        threading.Thread(target=run, daemon=True).start()
        return listening.getsockname()[1], seen

    yield start
    for each in opened:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)  # a close alone does not wake who waits on it
        each.close()


def test_a_handshake_that_is_cut_off_is_tried_again(listen):
    port, seen = listen(lambda connection: connection.recv(4096))
    with (
        client(f"https://127.0.0.1:{port}/v1", max_attempts=3) as api,
        pytest.raises(GaveUp) as lost,
    ):
        api.request("GET", "tags")
    assert "broke off" in str(lost.value)
    assert len(seen) == 3


def test_a_message_that_never_left_is_no_message_that_may_have_been_applied(listen):
    port, seen = listen(lambda connection: connection.recv(4096))
    with client(f"https://127.0.0.1:{port}/v1", max_attempts=3) as api, pytest.raises(GaveUp):
        api.request("POST", "messages", body={}, repeatable=False)
    assert len(seen) == 3


def test_a_message_that_left_may_have_been_applied(listen):
    port, seen = listen(lambda connection: connection.recv(4096))
    with client(f"http://127.0.0.1:{port}/v1") as api, pytest.raises(OutcomeUnclear) as error:
        api.request("POST", "messages", body={}, repeatable=False)
    assert "may or may not have been applied" in str(error.value)
    assert len(seen) == 1


def test_a_certificate_that_proves_nothing_is_final(listen, tmp_path):
    certificate = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(4096)

    port, seen = listen(serve)
    with client(f"https://127.0.0.1:{port}/v1") as api, pytest.raises(GaveUp) as error:
        api.request("GET", "tags")
    assert "can't prove who it is" in str(error.value)
    assert len(seen) == 1


def test_a_bundle_of_certificates_is_heeded(listen, tmp_path, monkeypatch):
    certificate = _self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as secure:
            secure.recv(4096)
            secure.sendall(b'HTTP/1.1 200 X\r\nContent-Length: 12\r\n\r\n{"data": []}')

    port, _ = listen(serve)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with client(f"https://127.0.0.1:{port}/v1") as api:
        assert api.request("GET", "tags").data == []


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_bundle_that_is_not_there_is_named_at_once(variable, monkeypatch):
    monkeypatch.setenv(variable, "/nonexistent.pem")
    with pytest.raises(ConfigError, match=f"^{variable} names /nonexistent.pem"):
        client()


def test_a_bundle_without_certificates_is_named_at_once(monkeypatch, tmp_path):
    (tmp_path / "bundle.pem").write_text("nothing")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "bundle.pem"))
    with pytest.raises(ConfigError, match=r"REQUESTS_CA_BUNDLE .* holds no certificates"):
        client()


@pytest.mark.parametrize(
    ("variable", "proxy", "says"),
    [
        ("HTTPS_PROXY", "socks5://127.0.0.1:1080", "SOCKS"),
        ("https_proxy", "socks5h://me:secret@127.0.0.1:1080", "SOCKS"),
        ("ALL_PROXY", "socks4://127.0.0.1", "SOCKS"),
        ("HTTPS_PROXY", "http://", "not the URL of a proxy"),
        ("HTTPS_PROXY", "http://:3128", "not the URL of a proxy"),
        ("HTTPS_PROXY", "http://proxy:port", "not the URL of a proxy"),
        ("HTTPS_PROXY", "http://[::1", "not the URL of a proxy"),
        ("HTTPS_PROXY", "ftp://proxy", "not the URL of a proxy"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_at_once(variable, proxy, says, monkeypatch):
    monkeypatch.setenv(variable, proxy)
    with pytest.raises(ConfigError, match=f"^{variable} .*{says}") as caught:
        client()
    assert "secret" not in str(caught.value)


def test_a_proxy_is_used_and_named_where_it_fails(listen, monkeypatch):
    port, seen = listen(
        lambda connection: connection.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
    )
    monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{port}")
    with client(max_attempts=2) as api, pytest.raises(GaveUp, match="check HTTPS_PROXY"):
        api.request("POST", "messages", body={}, repeatable=False)
    assert len(seen) == 2


def test_no_proxy_is_heeded(listen, monkeypatch):
    port, seen = listen(socket.socket.close)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("NO_PROXY", "example.invalid")
    with client(max_attempts=1) as api, pytest.raises(GaveUp):
        api.request("GET", "tags")
    assert not seen


def test_this_machine_is_reached_without_a_proxy(monkeypatch, sandbox):
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:1")
    with client(sandbox.url, access_token=sandbox.token) as api:
        assert api.request("GET", "tags").data


def _self_signed(folder):
    """Make a certificate for 127.0.0.1 that nobody has signed but itself."""
    path = folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", folder / "key.pem", "-out", folder / "cert.pem"),
        ],
        check=True,
        capture_output=True,
    )
    path.write_bytes((folder / "key.pem").read_bytes() + (folder / "cert.pem").read_bytes())
    return path
