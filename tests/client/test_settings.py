"""The shared settings and the check of calls that a user composes."""

import pytest
from customerly.calls import checked_headers, checked_method, host_path
from customerly.connection import Connection, is_loopback
from customerly.errors import ConfigError
from customerly.redact import redact

from customerly import DEFAULT_API_URL


def connection(**config):
    return Connection.from_config({"access_token": "t", **config}, user_agent="tests/1")


def test_defaults():
    made = connection()
    assert made == Connection("t", DEFAULT_API_URL, 4, None, 60, 6, 300, "tests/1")


@pytest.mark.parametrize("token", ["Bearer abc", " abc\n"])
def test_a_token_is_taken_as_people_paste_it(token):
    assert connection(access_token=token).access_token == "abc"


@pytest.mark.parametrize(
    "token", [None, "", "  ", "abra cadabra", "abra\ncadabra", "schlüssel", "Bearer "]
)
def test_a_wrong_token_is_named_and_not_shown(token):
    with pytest.raises(ConfigError, match="access_token") as caught:
        connection(access_token=token)
    assert "abra" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/v1/",
        "http://localhost:8080/v1",
        "http://127.9.9.9/v1",
        "http://[::1]:80/v1",
        None,
        "",
    ],
)
def test_good_urls(url):
    assert not connection(api_url=url).api_url.endswith("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost@example.com/v1",
        "ftp://localhost/v1",
        "https://user:pass@example.com/v1",
        "https://example.com:port/v1",
        "https://example.com/v1?x=1",
        "https://exa mple.com/v1",
        "https:///v1",
        "nonsense",
        "http://[::1/v1",
    ],
)
def test_wrong_urls(url):
    with pytest.raises(ConfigError, match="api_url"):
        connection(api_url=url)


@pytest.mark.parametrize(
    "config",
    [
        {"max_concurrency": 0},
        {"max_concurrency": 1.5},
        {"max_attempts": "many"},
        {"request_timeout": -1},
        {"requests_per_second": 0},
        {"requests_per_second": True},
        {"user_agent": "a\r\nHost: b"},
    ],
)
def test_wrong_numbers_are_named(config):
    with pytest.raises(ConfigError, match=next(iter(config))):
        connection(**config)


@pytest.mark.parametrize(
    ("host", "inside"),
    [("localhost", True), ("127.1.2.3", True), ("::1", True), ("::2", False), ("10.0.0.1", False)],
)
def test_loopback(host, inside):
    assert is_loopback(host) is inside


@pytest.mark.parametrize("path", ["/v1/users/list", "/v1/users?email=a%2Bb%40example.com", "/v1/é"])
def test_paths_within_the_host(path):
    assert host_path(path).startswith("/v1/")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/v1",
        "https://evil.example/v1",
        "/\\evil.example",
        "/%2f/evil.example",
        "/%2F%2Fevil.example",
        "/v1/../admin",
        "/v1/%2e%2e/admin",
        "/v1/%252e%252e/admin",
        "/v1/users\r\nHost: evil.example",
        "/v1/users%0d%0aHost:evil",
        "/v1/a b",
        "/v1/a#b",
        "v1/users",
        "@evil.example",
        "",
    ],
)
def test_paths_that_lead_elsewhere(path):
    with pytest.raises(ConfigError, match="relative to the API's host"):
        host_path(path)


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "x"}, {"host": "x"}, {"X-A": "1\r\nX-B: 2"}, {"X A": "1"}, {"X-A": "ü"}],
)
def test_headers_that_are_refused(headers):
    with pytest.raises(ConfigError):
        checked_headers(headers)


def test_methods():
    assert checked_method("patch") == "PATCH"
    for method in ("GET /x", "", "CONNECT"):
        with pytest.raises(ConfigError):
            checked_method(method)


def test_redacted_text_is_one_short_line():
    text = redact("a\r\nb tok3n ada@example.com " + "x" * 900, "tok3n")
    assert text.startswith("a b *** <address>")
    assert len(text) == 300
