"""An answer's body, decoded as it arrives and cut off where it grows too large."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from cal_actions.wire import SendFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

ACCEPTED = "gzip, deflate"
_GZIP = 16 + zlib.MAX_WBITS
_SLACK = 1_000  # bytes by which a coding may exceed what it codes


class Body:
    """Collects an answer's body, of at most `limit` bytes, sent and decoded.

    A few kilobytes can decode to gigabytes, so never more is decoded than the limit allows.
    """

    def __init__(self, headers: Mapping[str, str], limit: int) -> None:
        """Raises SendFailed for a content coding that was not asked for."""
        self._limit = limit
        self._received = 0
        self._decoded = bytearray()
        self._first = b""
        coding = headers.get("content-encoding", "").strip().lower()
        self._plain = coding in ("", "identity")
        self._deflate = coding == "deflate"
        if not (self._plain or self._deflate) and coding not in ("gzip", "x-gzip"):
            shown = coding[:40] if coding.isascii() and coding.isprintable() else "unknown"
            raise _unreadable(f"its content coding ({shown}) was not asked for")
        self._decoder = None if self._plain else zlib.decompressobj(_GZIP)

    def add(self, chunk: bytes) -> None:
        """Take in what has arrived. Raises SendFailed when it is too much or cannot be decoded."""
        if not chunk:
            return
        self._received += len(chunk)
        if self._received > self._limit + (0 if self._plain else _SLACK):
            raise self._too_large()
        if self._decoder is None:
            self._decoded += chunk
            return
        if self._deflate and not self._first:
            self._first = chunk[:1]
            self._decoder = zlib.decompressobj(_deflate_bits(chunk))
        room = self._limit - len(self._decoded) + 1
        try:
            self._decoded += self._decoder.decompress(chunk, room)
        except zlib.error:
            raise _unreadable("its content coding is broken") from None
        if len(self._decoded) > self._limit or self._decoder.unconsumed_tail:
            raise self._too_large()

    def whole(self) -> bytes:
        """Return the body once everything has arrived. Raises SendFailed for half a coding."""
        if self._decoder is not None and self._received and not self._decoder.eof:
            raise _unreadable("its content coding is cut off")
        return bytes(self._decoded)

    def _too_large(self) -> SendFailed:
        return _unreadable(f"the answer is larger than {self._limit} bytes")


def _deflate_bits(start: bytes) -> int:
    """Tell zlib's format from the bare one, which some servers send under the same name."""
    return zlib.MAX_WBITS if start[0] & 0x0F == 8 and start[0] >> 4 <= 7 else -zlib.MAX_WBITS


def _unreadable(reason: str) -> SendFailed:
    return SendFailed("unreadable_response", reason, sent=True)
