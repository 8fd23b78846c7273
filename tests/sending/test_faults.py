"""What real connections do wrong, for every way to send: over a loopback socket."""

import gzip
import socket
from typing import Any

import pytest

from tests.sending.conftest import KEY, Ask, ask_in
from tests.sending.faulty_server import (
    Server,
    answer,
    dripping,
    reset,
    serving,
    then_close,
    then_reset,
    then_stall,
)

OK = b'{"status": "success", "data": {"uid": "abc"}}'
PAGE = b"<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LOST = {
    "closed without an answer": then_close(b""),
    "reset without an answer": then_reset(b""),
    "closed in the headers": then_close(HEAD),
    "reset in the headers": then_reset(HEAD),
    "closed in the body": then_close(HEAD + b"Content-Length: 45\r\n\r\n" + OK[:20]),
    "reset in the body": then_reset(HEAD + b"Content-Length: 45\r\n\r\n" + OK[:20]),
    "closed in a chunk": then_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2d\r\n" + OK[:20]),
    "no HTTP at all": then_close(b"\x16\x03\x01 this is no HTTP\r\n\r\n"),
    "a status that is no number": then_close(b"HTTP/1.1 fine OK\r\n\r\n"),
    "a broken chunk": then_close(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + OK),
    "headers without end": then_close(HEAD + b"X: " + b"y" * 1_000_000),
    "a header that is none": then_close(HEAD + b"no colon\r\n\r\n" + OK),
}
LATE = {
    "no answer": then_stall(b""),
    "stalled in the headers": then_stall(HEAD),
    "stalled in the body": then_stall(HEAD + b"Content-Length: 45\r\n\r\n" + OK[:20]),
    "dripping in the body": dripping(HEAD + b"Content-Length: 9999\r\n\r\n", b" "),
}
UNREADABLE = {
    "an empty body": answer(b""),
    "a page that says yes": answer(PAGE, "Content-Type: text/html"),
    "a broken gzip": answer(b"\x1f\x8b no gzip at all", "Content-Encoding: gzip"),
    "half a gzip": answer(gzip.compress(OK)[:30], "Content-Encoding: gzip"),
    "text that claims gzip": answer(OK, "Content-Encoding: gzip"),
    "a body too large": answer(b'{"data": "%s"}' % (b"x" * 200_000)),
    "a gzip of a body too large": answer(
        gzip.compress(b'{"data": "%s"}' % (b"x" * 200_000)), "Content-Encoding: gzip"
    ),
    "a redirect": answer(b"", "Location: /v2/others", status="302 Found"),
}


@pytest.mark.parametrize("behave", LOST.values(), ids=LOST)
def test_a_lost_answer_to_a_read_is_retryable(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"code": "network_error", "retryable": True}
    assert "\n" not in str(envelope.error)
    assert server.url not in str(envelope.error)


@pytest.mark.parametrize("slug", ["CAL_MAKE", "CAL_DROP"])
@pytest.mark.parametrize("behave", LOST.values(), ids=LOST)
def test_a_lost_answer_to_a_write_leaves_its_outcome_unknown(
    ask: Ask, behave: Any, slug: str
) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, slug)
    assert envelope.data == {"code": "network_error", "retryable": False, "outcome_unknown": True}
    assert len(server.requests) == 1


@pytest.mark.parametrize("behave", LATE.values(), ids=LATE)
def test_a_late_answer_to_a_read_is_retryable(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ", timeout=0.15)
    assert envelope.data == {"code": "timeout", "retryable": True}


@pytest.mark.parametrize("behave", LATE.values(), ids=LATE)
def test_a_late_answer_to_a_write_leaves_its_outcome_unknown(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_MAKE", timeout=0.15)
    assert envelope.data == {"code": "timeout", "retryable": False, "outcome_unknown": True}


@pytest.mark.parametrize("slug", ["CAL_READ", "CAL_MAKE", "CAL_DROP"])
def test_a_refused_connection_did_nothing(ask: Ask, slug: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    (envelope,) = ask(url, slug)
    assert envelope.data == {"code": "network_error", "retryable": True}
    assert "CAL_API_BASE_URL" in str(envelope.error)


@pytest.mark.parametrize("behave", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_that_is_no_json_is_unreadable(ask: Ask, behave: Any) -> None:
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ", max_response_bytes=100_000)
    assert envelope.data["code"] == "unreadable_response"


def test_a_page_of_a_gateway_is_told_in_one_line(ask: Ask) -> None:
    with serving(answer(PAGE, "Content-Type: text/html", status="502 Bad Gateway")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert (envelope.data["code"], envelope.data["http_status"]) == ("upstream_error", 502)
    assert "<" not in str(envelope.error)


def test_a_compressed_answer_is_read(ask: Ask) -> None:
    with serving(answer(gzip.compress(OK), "Content-Encoding: gzip")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"uid": "abc"}


def test_a_body_just_within_the_limit_is_read(ask: Ask) -> None:
    with serving(answer(OK)) as server:
        (envelope,) = ask(server.url, "CAL_READ", max_response_bytes=len(OK))
    assert envelope.data == {"uid": "abc"}


def test_an_answer_in_many_pieces_is_read(ask: Ask) -> None:
    def behave(_: Server, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        for byte in OK:
            connection.sendall(b"1\r\n%c\r\n" % byte)
        connection.sendall(b"0\r\n\r\n")

    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"uid": "abc"}


def test_a_redirect_to_another_host_is_not_followed_and_carries_no_key(ask: Ask) -> None:
    with serving(answer(OK)) as other:
        redirect = answer(b"", f"Location: {other.url}/v2/me", status="307 Temporary Redirect")
        with serving(redirect) as server:
            (envelope,) = ask(server.url, "CAL_MAKE")
    assert envelope.data["code"] == "unreadable_response"
    assert (len(server.requests), other.requests) == (1, [])


def test_a_cookie_is_not_kept(ask: Ask) -> None:
    with serving(answer(OK, "Set-Cookie: uid=1; Path=/")) as server:
        ask(server.url, "CAL_READ", "CAL_READ")
    assert [b"cookie" in request.lower() for request in server.requests] == [False, False]


def test_a_connection_is_used_again(ask: Ask) -> None:
    ports: list[int] = []

    def behave(server: Server, connection: socket.socket) -> None:
        ports.append(connection.getpeername()[1])
        answer(OK)(server, connection)

    with serving(behave) as server:
        ask(server.url, "CAL_READ", "CAL_READ", "CAL_MAKE")
    assert len(set(ports)) == 1


@pytest.mark.parametrize("slug", ["CAL_MAKE", "CAL_DROP"])
def test_a_write_is_not_sent_again_when_a_kept_connection_breaks(ask: Ask, slug: str) -> None:
    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) == 2:
            connection.close()
        else:
            answer(OK)(server, connection)

    with serving(behave) as server:
        first, second = ask(server.url, "CAL_READ", slug)
    assert (first.successful, second.successful, len(server.requests)) == (True, False, 2)


def test_the_request_arrives_as_it_was_built(ask: Ask) -> None:
    with serving(answer(OK)) as server:
        ask(server.url, "CAL_MAKE")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    request_line, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert (request_line, body) == ("POST /v2/things HTTP/1.1", b"{}")
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["content-type"] == headers["accept"] == "application/json"
    assert headers["content-length"] == "2"


def test_a_broken_connection_leaves_the_connector_usable(ask: Ask) -> None:
    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) == 1:
            reset(connection)
        else:
            answer(OK)(server, connection)

    with serving(behave) as server:
        first, second = ask(server.url, "CAL_READ", "CAL_READ")
    assert (first.successful, second.successful) == (False, True)


SURPLUS = b'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{"data": {"uid": "not asked"}}'


@pytest.mark.parametrize("way", ["sync", "async over aiohttp", "async over httpcore"])
def test_what_comes_after_an_answer_is_not_taken_for_the_next_one(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(answer(OK + SURPLUS, length=len(OK))) as server:
        envelopes = ask_in(way, monkeypatch)(server.url, "CAL_READ", "CAL_MAKE", "CAL_READ")
    assert [envelope.data for envelope in envelopes] == [{"uid": "abc"}] * 3
