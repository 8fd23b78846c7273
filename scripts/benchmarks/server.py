"""A loopback HTTP server that answers every request with one small booking, as fast as it can.

Run as a process of its own, so that its work is not counted as the client's; prints its port.
"""

import asyncio
import json
import sys

BOOKING = {
    "id": 1001,
    "uid": "9icriNKHYVhQG6dJU6ZNyb",
    "title": "Intro call between Sam Rivera and Ann Tester",
    "hosts": [{"id": 1, "name": "Sam Rivera", "email": "sam@example.com", "timeZone": "UTC"}],
    "status": "accepted",
    "start": "2030-01-07T10:00:00.000Z",
    "end": "2030-01-07T10:30:00.000Z",
    "duration": 30,
    "eventTypeId": 1,
    "eventType": {"id": 1, "slug": "30min"},
    "attendees": [{"name": "Ann Tester", "email": "ann@client.example", "timeZone": "UTC"}],
    "metadata": {},
}
BODY = json.dumps({"status": "success", "data": BOOKING}).encode()
ANSWER = (
    b"HTTP/1.1 201 Created\r\n"
    b"Content-Type: application/json; charset=utf-8\r\n"
    b"X-Request-Id: f138649b-ea4f-48db-bd6c-3d5607a29ff2\r\n"
    b"X-RateLimit-Limit-Default: 1000000\r\n"
    b"X-RateLimit-Remaining-Default: 999999\r\n"
    b"X-RateLimit-Reset-Default: 60\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


class Answering(asyncio.Protocol):
    """Answers each complete request; pipelining and keep-alive included."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to write."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer what has arrived whole."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            _, _, rest = head.partition(b"content-length:")
            length = int(rest.split(b"\r\n")[0]) if rest else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._transport.write(ANSWER)


async def main() -> None:
    """Serve until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
