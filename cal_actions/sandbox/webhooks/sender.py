"""One POST to a subscriber: to this machine only, unless more is allowed."""

from __future__ import annotations

from contextlib import closing
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from cal_actions.sandbox.webhooks.deliveries import Delivery, Outcome

TIMEOUT_SECONDS = 5.0

_LOOPBACK = IPv4Network("127.0.0.0/8")
_SCHEMES = ("http", "https")


def send(delivery: Delivery, *, allow_remote: bool) -> Outcome:
    """Send a delivery once and tell what became of it.

    Goes over HTTP and HTTPS only, follows no redirects, uses no proxy, gives up after five
    seconds without a sign of life, and reads nothing of the answer but its status. Unless
    `allow_remote`, the host has to be localhost, ::1 or an address in 127.0.0.0/8, in so many
    words.
    """
    try:
        url = urlsplit(delivery.subscriber_url)
        host = url.hostname
        if url.scheme not in _SCHEMES or not host or not (allow_remote or is_loopback(host)):
            return Outcome("not sent")
        return _post(url, host, delivery)
    except ValueError:  # no URL after all
        return Outcome("failed")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine by its spelling; no name but localhost is looked up."""
    if host == "localhost":
        return True
    try:
        return IPv4Address(host) in _LOOPBACK
    except AddressValueError:
        pass
    try:
        return IPv6Address(host) == IPv6Address("::1")
    except AddressValueError:
        return False


def _post(url: SplitResult, host: str, delivery: Delivery) -> Outcome:
    # Loaded here because it takes long, and few sandboxes ever send.
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    port = url.port or kind.default_port
    try:
        with closing(kind(host, port, timeout=TIMEOUT_SECONDS)) as connection:
            connection.request("POST", _target(url), delivery.body, delivery.headers)
            status = connection.getresponse().status
    except (OSError, HTTPException):
        return Outcome("failed")
    return Outcome("delivered" if 200 <= status < 300 else "failed", status)


def _target(url: SplitResult) -> str:
    target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    return quote(target, safe="%/?:@!$&'()*+,;=-._~[]")
