"""A server on a loopback socket that does to its connections what a test likes."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Server:
    """Takes requests one by one and lets `behave` do to the connection what it likes."""

    def __init__(self, behave: Callable[["Server", socket.socket], None]) -> None:
        self.requests: list[bytes] = []
        self.over = threading.Event()
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self.over.is_set():
                connection.close()
                return
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while request := read_request(connection):
                self.requests.append(request)
                try:
                    self._behave(self, connection)
                except OSError:
                    return
                if connection.fileno() < 0:
                    return

    def close(self) -> None:
        self.over.set()
        with socket.create_connection(self._listener.getsockname()):
            pass
        for thread in self._threads:
            thread.join()
        self._listener.close()


def read_request(connection: socket.socket) -> bytes:
    received = b""
    try:
        while b"\r\n\r\n" not in received:
            if not (chunk := connection.recv(65536)):
                return b""
            received += chunk
        head, _, body = received.partition(b"\r\n\r\n")
        lengths = [
            line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        ]
        missing = int(lengths[0].partition(b":")[2]) - len(body) if lengths else 0
        while missing > 0:
            chunk = connection.recv(missing)
            missing -= len(chunk) or missing
            received += chunk
    except OSError:
        return b""
    return received


@contextmanager
def serving(behave: Callable[[Server, socket.socket], None]) -> Iterator[Server]:
    server = Server(behave)
    try:
        yield server
    finally:
        server.close()


def answer(
    body: bytes, *headers: str, status: str = "200 OK", length: int | None = None
) -> Callable[[Server, socket.socket], None]:
    """Answer with `body`; `length` is what is claimed of it."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Length: {len(body) if length is None else length}",
        *headers,
    ]
    if not any(line.startswith("Content-Type") for line in headers):
        lines.append("Content-Type: application/json")
    head = "\r\n".join((*lines, "", "")).encode()
    return lambda _, connection: connection.sendall(head + body)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def then_reset(start: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(_: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        reset(connection)

    return behave


def then_close(start: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(_: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        connection.close()

    return behave


def then_stall(start: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(server: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        server.over.wait()

    return behave


def dripping(start: bytes, drop: bytes) -> Callable[[Server, socket.socket], None]:
    def behave(server: Server, connection: socket.socket) -> None:
        connection.sendall(start)
        while not server.over.wait(0.02):
            connection.sendall(drop)

    return behave
