"""The sandbox behind a real socket."""

import http.client
import json
import signal
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.server import running_server, serve

HOOK = {"active": True, "subscriberUrl": "https://x.example.com", "triggers": ["BOOKING_CREATED"]}


@pytest.fixture
def connection(sandbox: Sandbox) -> Iterator[http.client.HTTPConnection]:
    with running_server(sandbox) as url:
        opened = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        yield opened
        opened.close()


def send(
    connection: http.client.HTTPConnection, method: str, target: str, body: str | None = None
) -> http.client.HTTPResponse:
    headers = {"Authorization": "Bearer cal_sandbox_owner", "Content-Type": "application/json"}
    connection.request(method, target, body, headers)
    return connection.getresponse()


def test_a_request_over_http_is_answered(connection: http.client.HTTPConnection) -> None:
    response = send(connection, "GET", "/v2/me")
    assert response.status == 200
    assert json.loads(response.read())["data"]["username"] == "sam"


def test_headers_keep_cal_coms_spelling(connection: http.client.HTTPConnection) -> None:
    names = [name for name, _ in send(connection, "GET", "/v2/me").getheaders()]
    assert "X-RateLimit-Remaining-Sandbox" in names
    assert "X-Request-Id" in names


def test_a_body_reaches_the_sandbox(connection: http.client.HTTPConnection) -> None:
    response = send(connection, "POST", "/v2/webhooks", json.dumps(HOOK))
    assert response.status == 201
    assert HOOK.items() <= json.loads(response.read())["data"].items()


def test_a_body_that_comes_in_pieces_reaches_the_sandbox(
    connection: http.client.HTTPConnection,
) -> None:
    def pieces() -> Iterator[bytes]:
        for start in range(0, len(text), 20):
            time.sleep(0.02)  # so that the server asks for each; if it is slow, none is lost
            yield text[start : start + 20]

    text = json.dumps(HOOK).encode()
    headers = {
        "Authorization": "Bearer cal_sandbox_owner",
        "Content-Type": "application/json",
        "Transfer-Encoding": "chunked",
    }
    connection.request("POST", "/v2/webhooks", pieces(), headers, encode_chunked=True)
    assert connection.getresponse().status == 201


def test_path_and_query_arrive_as_they_were_sent(connection: http.client.HTTPConnection) -> None:
    target = "/v2/nothing%2Fhere?a=%C3%A9&b[]=1"
    body = json.loads(send(connection, "GET", target).read())
    assert body["path"] == target


def test_one_connection_carries_many_requests(connection: http.client.HTTPConnection) -> None:
    statuses = []
    for _ in range(5):
        response = send(connection, "GET", "/v2/me")
        response.read()
        statuses.append(response.status)
    assert statuses == [200] * 5


def test_the_port_is_free_again_afterwards(sandbox: Sandbox) -> None:
    with running_server(sandbox) as url:
        port = urlsplit(url).port
    assert port is not None
    with running_server(sandbox, port=port) as again:
        assert again == url


def test_a_taken_port_is_an_error(sandbox: Sandbox) -> None:
    with running_server(sandbox) as url, pytest.raises(OSError, match="in use"):
        serve(sandbox, port=urlsplit(url).port or 0)


def test_serving_tells_its_address_and_ends_when_interrupted(sandbox: Sandbox) -> None:
    told: list[str] = []

    def take(url: str) -> None:
        told.append(url)
        signal.raise_signal(signal.SIGINT)

    serve(sandbox, ready=take)
    assert urlsplit(told[0]).hostname == "127.0.0.1"
