"""TLS settings for connections of our own."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

from cal_actions.wire import SendFailed

if TYPE_CHECKING:
    from cal_actions.transport.address import Address


def context(address: Address) -> ssl.SSLContext:
    """Return httpx's TLS settings; plain http needs no certificates, whose reading takes long.

    Raises SendFailed, lasting, when the certificates cannot be read.
    """
    if address.scheme != "https":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    import httpx

    try:
        return httpx.create_ssl_context()
    except OSError:
        reason = "the certificates cannot be read: check SSL_CERT_FILE and SSL_CERT_DIR"
        raise SendFailed("network_error", reason, sent=False, lasting=True) from None
