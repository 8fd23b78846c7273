"""The address of a Cal.com, taken apart once."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit

from cal_actions.wire import SendFailed


class Address(NamedTuple):
    """Scheme, host as DNS knows it, port (None for the scheme's own) and leading path."""

    scheme: str
    host: str
    port: int | None
    path: str

    @classmethod
    def of(cls, base_url: str) -> Address:
        """Take a base URL apart. Raises SendFailed, lasting, for one that leads nowhere."""
        try:
            parts = urlsplit(base_url)
            port = parts.port
            host = parts.hostname or ""
            host = host if host.isascii() else host.encode("idna").decode()
        except ValueError:  # an open bracket, a port that is no number, a name that is none
            raise _wrong("the address is wrong") from None
        if parts.scheme not in ("http", "https"):
            raise _wrong("the address must begin with https:// or http://")
        if not host or not parts.path.isascii():
            raise _wrong("the address is wrong")
        return cls(parts.scheme, host, port, parts.path)

    @property
    def authority(self) -> str:
        """Host and port as the header `Host` has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The base URL without user, password, query and fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"


def _wrong(reason: str) -> SendFailed:
    return SendFailed("network_error", reason, sent=False, lasting=True)
