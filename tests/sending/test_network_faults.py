"""Faults between here and Cal.com: names, certificates, connections that break or are kept."""

import asyncio
import contextlib
import re
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import trustme

from cal_actions import Envelope
from cal_actions.retry import Retry
from tests.sending.conftest import ASYNC, SYNC, Ask, aopened, opened, without_aiohttp
from tests.sending.faulty_server import (
    Server,
    answer,
    read_request,
    reset,
    serving,
    then_close,
)

OK = b'{"status": "success", "data": {"uid": "abc"}}'
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LASTING = {"code": "network_error", "retryable": False}
PASSING = {"code": "network_error", "retryable": True}
UNKNOWN = {"code": "network_error", "retryable": False, "outcome_unknown": True}
WAYS = [*SYNC, *ASYNC]
OWN = ["sync", "async over aiohttp", "async over httpcore"]
Behave = Callable[[Server, socket.socket], None]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Send again after hundredths of a second."""
    monkeypatch.setattr(
        "cal_actions.base_connector.Retry", lambda attempts: Retry(attempts, 0.01, 0.04)
    )


Call = tuple[str, dict[str, Any]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Envelope]]:
    """Execute calls over one connector, in turn; a function among them is waited for."""

    def run(way: str, url: str, *steps: Call | Callable[[], Any], **options: Any) -> list[Envelope]:
        def run_sync() -> list[Envelope]:
            envelopes = []
            with opened(way, url, **options) as connector:
                for step in steps:
                    if callable(step):
                        step()
                    else:
                        envelopes.append(connector.execute(*step))
            return envelopes

        async def run_async() -> list[Envelope]:
            envelopes = []
            async with aopened(way, url, **options) as connector:
                for step in steps:
                    if callable(step):
                        await asyncio.to_thread(step)
                    else:
                        envelopes.append(await connector.execute(*step))
            return envelopes

        if way in SYNC:
            return run_sync()
        if way == "async over httpcore":
            without_aiohttp(monkeypatch)
        return asyncio.run(run_async())

    return run


READ: Call = ("CAL_READ", {})
MAKE: Call = ("CAL_MAKE", {"uid": "abc"})
DROP: Call = ("CAL_DROP", {})


# Names


class Names:
    """The resolver's answers for cal.invalid; `told` are its faults in turn, then it is here."""

    def __init__(self, *told: int) -> None:
        self.told = list(told)
        self.asked = 0
        self._real = socket.getaddrinfo

    def __call__(self, host: Any, *arguments: Any, **options: Any) -> Any:
        if host not in ("cal.invalid", b"cal.invalid"):
            return self._real(host, *arguments, **options)
        self.asked += 1
        if self.told:
            raise socket.gaierror(self.told.pop(0), "no such luck")
        return self._real("127.0.0.1", *arguments, **options)


@pytest.mark.parametrize("slug", ["CAL_READ", "CAL_MAKE"])
def test_a_name_that_does_not_exist_is_looked_up_once(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, slug: str
) -> None:
    names = Names(*[socket.EAI_NONAME] * 9)
    monkeypatch.setattr(socket, "getaddrinfo", names)
    (envelope,) = ask("http://cal.invalid", slug, max_attempts=4)
    assert envelope.data == LASTING
    assert names.asked == 1
    assert "CAL_API_BASE_URL" in str(envelope.error)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("slug", ["CAL_READ", "CAL_MAKE"])
def test_a_name_that_cannot_be_looked_up_just_now_is_looked_up_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, slug: str
) -> None:
    names = Names(socket.EAI_AGAIN, socket.EAI_AGAIN)
    monkeypatch.setattr(socket, "getaddrinfo", names)
    with serving(answer(OK)) as server:
        url = f"http://cal.invalid:{server.url.rpartition(':')[2]}"
        (envelope,) = ask(url, slug, max_attempts=4)
    assert (envelope.data, names.asked, len(server.requests)) == ({"uid": "abc"}, 3, 1)


# Certificates


class _OneByOne:
    """Serves one connection after the other; counts them and the requests that it could read."""

    def __init__(self) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection, contextlib.suppress(OSError):
                self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def _answer(self, connection: socket.socket, request: bytes) -> None:
        self.requests.append(request)
        connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(OK) + OK)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()


class TlsServer(_OneByOne):
    """Answers over TLS."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(self._context)
        super().__init__()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with self._context.wrap_socket(connection, server_side=True) as secured:
            while request := read_request(secured):
                self._answer(secured, request)


@contextmanager
def tls_serving(certificate: trustme.LeafCert) -> Iterator[TlsServer]:
    server = TlsServer(certificate)
    try:
        yield server
    finally:
        server.close()


AUTHORITY = trustme.CA()
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
GOOD = AUTHORITY.issue_cert("127.0.0.1", "localhost")
BAD = {
    "an unknown issuer": (trustme.CA().issue_cert("127.0.0.1"), "issuer"),
    "another host": (AUTHORITY.issue_cert("cal.example"), "mismatch"),
    "a time that is over": (AUTHORITY.issue_cert("127.0.0.1", not_after=LONG_AGO), "expired"),
}


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "authority.pem"
    AUTHORITY.cert_pem.write_to_path(file)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("way", OWN)
def test_a_certificate_from_the_environment_is_trusted(
    calls: Callable[..., list[Envelope]], way: str
) -> None:
    with tls_serving(GOOD) as server:
        envelopes = calls(way, f"https://{server.host}", READ, MAKE)
    assert [envelope.data for envelope in envelopes] == [{"uid": "abc"}] * 2
    assert (len(server.requests), server.connections) == (2, 1)


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("slug", ["CAL_READ", "CAL_MAKE"])
@pytest.mark.parametrize(("certificate", "_"), BAD.values(), ids=BAD)
def test_a_wrong_certificate_is_not_tried_again_and_is_sent_nothing(
    ask: Ask, certificate: trustme.LeafCert, slug: str, _: str
) -> None:
    with tls_serving(certificate) as server:
        (envelope,) = ask(f"https://{server.host}", slug, max_attempts=4)
    assert envelope.data == LASTING
    assert (server.connections, server.requests) == (1, [])
    assert "certificate" in str(envelope.error).lower()


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("way", OWN)
@pytest.mark.parametrize(("certificate", "why"), BAD.values(), ids=BAD)
def test_the_error_says_what_is_wrong_with_a_certificate(
    calls: Callable[..., list[Envelope]], way: str, certificate: trustme.LeafCert, why: str
) -> None:
    with tls_serving(certificate) as server:
        (envelope,) = calls(way, f"https://{server.host}", READ)
    assert why in str(envelope.error)


def test_certificates_that_cannot_be_read_are_not_tried_again(
    calls: Callable[..., list[Envelope]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with tls_serving(GOOD) as server:
        for way in OWN:
            (envelope,) = calls(way, f"https://{server.host}", MAKE, max_attempts=4)
            assert envelope.data == LASTING
            assert "SSL_CERT_FILE" in str(envelope.error)
    assert server.connections == 0


@contextmanager
def refusing_plainly() -> Iterator[tuple[str, list[bytes]]]:
    """Answer whatever comes first over a connection with a 400, as a plain HTTP server does."""
    firsts: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, contextlib.suppress(OSError):
                        firsts.append(connection.recv(65_536))
                        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=accept)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}", firsts
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("slug", ["CAL_READ", "CAL_MAKE"])
def test_a_port_without_tls_is_not_tried_again_and_is_sent_no_key(ask: Ask, slug: str) -> None:
    with refusing_plainly() as (host, firsts):
        (envelope,) = ask(f"https://{host}", slug, max_attempts=4)
    assert envelope.data == LASTING
    assert len(firsts) == 1
    assert b"cal_live" not in firsts[0]


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("slug", "data", "connections"), [("CAL_READ", PASSING, 2), ("CAL_DROP", UNKNOWN, 1)]
)
def test_a_plain_request_to_a_port_with_tls_is_lost(
    ask: Ask, slug: str, data: dict[str, Any], connections: int
) -> None:
    with tls_serving(GOOD) as server:
        (envelope,) = ask(f"http://{server.host}", slug, max_attempts=2)
    assert envelope.data == data
    assert (server.connections, server.requests) == (connections, [])


# Connections that are refused


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("step", [READ, MAKE, DROP])
@pytest.mark.parametrize("way", WAYS)
def test_what_was_refused_is_sent_once_the_server_is_back(
    calls: Callable[..., list[Envelope]], way: str, step: Call
) -> None:
    with contextlib.closing(Phoenix()) as server:
        server.die()
        (envelope,) = calls(way, server.url, step, max_attempts=4, on_retry=server.rise_after(2))
    assert envelope.successful
    assert server.arrived.total() == 1


def test_a_refused_connection_is_tried_no_more_often_than_told(ask: Ask, quick: None) -> None:
    told: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as unused:
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    (envelope,) = ask(url, "CAL_MAKE", max_attempts=3, on_retry=told.append)
    assert (envelope.data, len(told)) == (PASSING, 2)


# Lengths that lie


def with_lengths(*lengths: str, body: bytes = OK) -> bytes:
    lines = "".join(f"Content-Length: {length}\r\n" for length in lengths)
    return HEAD + lines.encode() + b"\r\n" + body


LENGTHS = {
    "too long": with_lengths(str(len(OK) + 10)),
    "too long for any number": with_lengths("9" * 20),
    "too short": with_lengths(str(len(OK) - 10)),
    "negative": with_lengths("-5"),
    "no number": with_lengths("many"),
    "empty": with_lengths(""),
    "two that differ": with_lengths(str(len(OK)), str(len(OK) - 5)),
    "two in one line": with_lengths(f"{len(OK)}, {len(OK) - 5}"),
}


@pytest.mark.parametrize("sent", LENGTHS.values(), ids=LENGTHS)
def test_a_length_that_lies_leaves_the_outcome_of_a_write_unknown(ask: Ask, sent: bytes) -> None:
    with serving(then_close(sent)) as server:
        (envelope,) = ask(server.url, "CAL_MAKE", max_attempts=4)
    assert envelope.data["code"] in ("network_error", "unreadable_response")
    assert envelope.data["outcome_unknown"] is True
    assert envelope.data["retryable"] is False
    assert len(server.requests) == 1


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("lie", LENGTHS)
def test_a_length_that_lies_does_not_spoil_the_next_read(ask: Ask, lie: str) -> None:
    def behave(server: Server, connection: socket.socket) -> None:
        if len(server.requests) > 1:
            answer(OK)(server, connection)
        elif lie.startswith("too long"):
            then_close(LENGTHS[lie])(server, connection)
        else:
            connection.sendall(LENGTHS[lie])

    with serving(behave) as server:
        envelopes = ask(server.url, "CAL_READ", "CAL_READ", max_attempts=2)
    assert envelopes[1].data == {"uid": "abc"}


@pytest.mark.parametrize("lengths", [2, 3])
@pytest.mark.parametrize("way", [way for way in WAYS if "aiohttp" not in way])
def test_the_same_length_twice_is_one_length(
    calls: Callable[..., list[Envelope]], way: str, lengths: int
) -> None:
    sent = with_lengths(*[str(len(OK))] * lengths)
    with serving(lambda _, connection: connection.sendall(sent)) as server:
        (envelope,) = calls(way, server.url, MAKE)
    assert envelope.data == {"uid": "abc"}


# Connections that are kept


class Idle:
    """Answers, then does to the idle connection what a test likes, and tells when it did."""

    def __init__(self, then: Callable[[socket.socket], None]) -> None:
        self.done = threading.Event()
        self.connections = 0
        self._then = then
        self._seen: set[int] = set()

    def __call__(self, server: Server, connection: socket.socket) -> None:
        port = connection.getpeername()[1]
        self._seen.add(port)
        self.connections = len(self._seen)
        answer(OK)(server, connection)
        if len(server.requests) == 1:
            self._then(connection)
            self.done.set()

    def wait(self) -> None:
        assert self.done.wait(10)


def say_408_and_close(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    connection.close()


IDLE = {
    "closed": socket.socket.close,
    "reset": reset,
    "told that it took too long": say_408_and_close,
}


@pytest.mark.parametrize("then", IDLE.values(), ids=IDLE)
@pytest.mark.parametrize("step", [READ, MAKE, DROP])
@pytest.mark.parametrize("way", WAYS)
def test_a_connection_that_ended_while_it_was_idle_is_not_used_again(
    calls: Callable[..., list[Envelope]],
    way: str,
    step: Call,
    then: Callable[[socket.socket], None],
) -> None:
    idle = Idle(then)
    with serving(idle) as server:
        # Two waits: an event loop learns of the end only when it runs once more.
        _, second = calls(way, server.url, READ, idle.wait, idle.wait, step, max_attempts=1)
    assert second.data == {"uid": "abc"}
    assert (len(server.requests), idle.connections) == (2, 2)


# Requests that break off


LONG: Call = ("CAL_MAKE", {"uid": "x" * 12_000_000})  # more than the buffers of a socket hold


class Impatient(_OneByOne):
    """Resets its first connections as the first bytes of a request come, and serves the others."""

    def __init__(self, resets: int) -> None:
        self._resets = resets
        super().__init__()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        self.url = f"http://{self.host}"

    def _serve(self, connection: socket.socket) -> None:
        if self.connections <= self._resets:
            connection.recv(1_000)
            reset(connection)
            return
        while request := _request_of_any_size(connection):
            self._answer(connection, request)


def _request_of_any_size(connection: socket.socket) -> bytes:
    received = bytearray()
    missing = 1
    while missing > 0:
        chunk = connection.recv(1_000_000)
        if not chunk:
            return b""
        received += chunk
        end = received.find(b"\r\n\r\n")
        if found := re.search(rb"(?i)content-length: (\d+)", received[: max(0, end)]):
            missing = int(found[1]) - (len(received) - end - 4)
    return bytes(received[:100])


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", SYNC)
def test_a_write_that_broke_off_is_sent_again(
    calls: Callable[..., list[Envelope]], way: str
) -> None:
    with contextlib.closing(Impatient(2)) as server:
        (envelope,) = calls(way, server.url, LONG, max_attempts=4)
    assert envelope.data == {"uid": "abc"}
    assert (server.connections, len(server.requests)) == (3, 1)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("way", SYNC)
def test_a_write_that_breaks_off_every_time_did_nothing(
    calls: Callable[..., list[Envelope]], way: str
) -> None:
    with contextlib.closing(Impatient(9)) as server:
        (envelope,) = calls(way, server.url, LONG, max_attempts=2)
    assert envelope.data == PASSING
    assert (server.connections, server.requests) == (2, [])


@pytest.mark.usefixtures("quick")
@pytest.mark.filterwarnings("ignore:Sending a large body")
@pytest.mark.parametrize("way", ASYNC)
def test_a_write_that_broke_off_in_the_background_is_done_once_or_of_unknown_outcome(
    calls: Callable[..., list[Envelope]], way: str
) -> None:
    # An event loop writes in the background, and does not always tell how much of it arrived.
    with contextlib.closing(Impatient(1)) as server:
        (envelope,) = calls(way, server.url, LONG, max_attempts=4)
    assert envelope.successful or envelope.data == UNKNOWN
    assert len(server.requests) == envelope.successful


@pytest.mark.parametrize("way", OWN)
def test_a_long_request_arrives_without_a_warning(
    calls: Callable[..., list[Envelope]], way: str
) -> None:
    with contextlib.closing(Impatient(0)) as server:
        (envelope,) = calls(way, server.url, ("CAL_MAKE", {"uid": "x" * 2_000_000}))
    assert envelope.data == {"uid": "abc"}


# A server that dies amid many calls


class Phoenix:
    """Answers with the name of each request, dies, and rises at the same port.

    It dies once the doomed have arrived, and answers none of them the first time.
    """

    def __init__(self, doomed: Iterable[str] = ()) -> None:
        self.arrived: Counter[str] = Counter()
        self._doomed = set(doomed)
        self._lock = threading.Lock()
        self._port = 0
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.rise()
        self.url = f"http://127.0.0.1:{self._port}"

    def rise(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self._port), backlog=256)
        self._port = self._listener.getsockname()[1]
        self._start(self._accept, self._listener)

    def rise_after(self, retries: int) -> Callable[[object], None]:
        """Make a hook that has the server rise at the given retry."""
        left = iter(range(retries - 1, -1, -1))

        def hook(_: object) -> None:
            with self._lock:
                last = next(left, None) == 0
            if last:
                self.rise()

        return hook

    def die(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            with contextlib.suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.shutdown(socket.SHUT_RDWR)
        self._open = []

    def close(self) -> None:
        with self._lock:
            self.die()
        for thread in self._threads:
            thread.join()

    def _start(self, target: Callable[..., None], *arguments: Any) -> None:
        self._threads.append(threading.Thread(target=target, args=arguments))
        self._threads[-1].start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with self._lock:
                    self._open.append(connection)
                self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            while request := read_request(connection):
                found = re.search(rb"(read|write)-\d+", request)
                name = found[0].decode() if found else "unnamed"
                with self._lock:
                    self.arrived[name] += 1
                    is_doomed = name in self._doomed
                    self._doomed.discard(name)
                    if is_doomed and not self._doomed:
                        self.die()
                if is_doomed:
                    connection.recv(1)
                    return
                body = b'{"data": {"uid": "%s"}}' % name.encode()
                connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)


NAMES = [f"{kind}-{number}" for number in range(50) for kind in ("read", "write")]


def call_of(name: str) -> Call:
    return ("CAL_READ" if name.startswith("read") else "CAL_MAKE", {"uid": name})


def in_threads(way: str, server: Phoenix, **options: Any) -> list[Envelope]:
    with opened(way, server.url, **options) as connector, ThreadPoolExecutor(100) as threads:
        return list(threads.map(lambda name: connector.execute(*call_of(name)), NAMES))


def in_tasks(way: str, server: Phoenix, **options: Any) -> list[Envelope]:
    async def run() -> list[Envelope]:
        async with aopened(way, server.url, **options) as connector:
            return await asyncio.gather(*(connector.execute(*call_of(name)) for name in NAMES))

    return asyncio.run(run())


@pytest.mark.parametrize("way", [*OWN, "httpx.Client", "httpx.AsyncClient"])
def test_a_server_that_dies_amid_a_hundred_calls_loses_none_and_doubles_no_write(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    if way == "async over httpcore":
        without_aiohttp(monkeypatch)
    run = in_threads if way in SYNC else in_tasks
    doomed = {f"write-{number}" for number in range(10)}
    with contextlib.closing(Phoenix(doomed)) as server:
        hook = server.rise_after(3)
        envelopes = run(way, server, max_attempts=6, on_retry=hook)
    assert len(envelopes) == 100
    for name, envelope in zip(NAMES, envelopes, strict=True):
        if envelope.successful:
            assert envelope.data == {"uid": name}
            assert server.arrived[name] >= 1
        else:
            assert name.startswith("write")
            assert envelope.data == UNKNOWN
    assert {name for name in doomed if server.arrived[name] == 1} == doomed
    assert max(server.arrived[name] for name in NAMES if name.startswith("write")) == 1
