"""Check that a webhook comes from Cal.com.

Cal.com signs what it sends with the secret that the webhook was given: the header
`X-Cal-Signature-256` is the HMAC-SHA256 of the body, in hexadecimal. In any web framework:

    body = request.get_data()                                # Flask; the bytes as they came,
    signature = request.headers.get("X-Cal-Signature-256")   # not parsed and written again
    if not verify(body, signature, os.environ["CAL_WEBHOOK_SECRET"]):
        return "wrong signature", 401
    event = json.loads(body)
    print(event["triggerEvent"], event["payload"]["uid"])

Elsewhere the bytes are `await request.body()` (FastAPI, Starlette) or `request.body` (Django).
"""

from __future__ import annotations

import hashlib
import hmac
import re

__all__ = ["verify"]

_HEX_DIGEST = re.compile(r"[0-9a-f]{64}")


def verify(body: bytes, signature: str | None, secret: str) -> bool:
    """Whether `signature`, the header X-Cal-Signature-256, was made of this body and this secret.

    False for a header that is missing, malformed, or Cal.com's "no-secret-provided". Upper case
    and spaces around it do no harm. The comparison takes the same time wherever the two differ.

    Raises TypeError for a body that is no bytes, ValueError without a secret.

    >>> verify(b"{}", "no-secret-provided", "s3cret")
    False
    """
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(
            f"pass the body as the raw bytes that came in, not as {type(body).__name__}: "
            "the signature is over these bytes, and parsed JSON or text may be written differently"
        )
    if not secret:
        raise ValueError("a signature cannot be checked without the webhook's secret")
    given = signature.strip().lower() if isinstance(signature, str) else ""
    if _HEX_DIGEST.fullmatch(given) is None:
        return False
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(given, expected)
