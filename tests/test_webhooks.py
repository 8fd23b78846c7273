"""cal_actions.webhooks: the signature over a webhook's body."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from cal_actions import webhooks
from cal_actions.sandbox import Sandbox
from cal_actions.webhooks import verify
from tests.sandbox.conftest import Caller
from tests.sandbox.subscriber import listening

SECRET = "s3cret"
BODY = (
    '{"triggerEvent":"BOOKING_CREATED","createdAt":"2026-11-23T08:00:00.000Z",'
    '"payload":{"title":"Café"}}'
).encode()
# openssl dgst -sha256 -hmac s3cret
SIGNATURE = "970838f7d54cab7aa0a18e031137c80c2806726d12b33a787bcc9b95e52ccf07"


def test_a_signature_of_this_body_and_secret_is_right() -> None:
    assert verify(BODY, SIGNATURE, SECRET) is True


def test_the_test_case_of_rfc_4231_is_right() -> None:
    signature = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert verify(b"what do ya want for nothing?", signature, "Jefe")


def test_an_empty_body_has_a_signature_too() -> None:
    signature = "5d5d139563c95b5967b9bd9a8c9b233a9dedb45072794cd232dc1b74832607d0"
    assert verify(b"", signature, "key")


@pytest.mark.parametrize("body", [bytearray(BODY), memoryview(BODY)])
def test_any_kind_of_bytes_will_do(body: Any) -> None:
    assert verify(body, SIGNATURE, SECRET)


@pytest.mark.parametrize("signature", [SIGNATURE.upper(), f"  {SIGNATURE}\r\n"])
def test_case_and_spaces_of_the_header_do_no_harm(signature: str) -> None:
    assert verify(BODY, signature, SECRET)


def test_a_changed_body_is_found_out() -> None:
    assert verify(BODY.replace(b"CREATED", b"CANCELLED"), SIGNATURE, SECRET) is False


def test_json_written_anew_is_another_body() -> None:
    assert verify(json.dumps(json.loads(BODY)).encode(), SIGNATURE, SECRET) is False


def test_another_secret_is_found_out() -> None:
    assert verify(BODY, SIGNATURE, "s3cret ") is False


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "no-secret-provided",
        SIGNATURE[:-1],
        SIGNATURE + "0",
        f"sha256={SIGNATURE}",
        SIGNATURE.replace("9", "\N{FULLWIDTH DIGIT NINE}", 1),
        f"{SIGNATURE[:32]} {SIGNATURE[32:]}",
        "g" * 64,
    ],
)
def test_a_malformed_header_is_wrong(signature: str | None) -> None:
    assert verify(BODY, signature, SECRET) is False


def test_without_a_secret_nothing_can_be_checked() -> None:
    with pytest.raises(ValueError, match="without the webhook's secret"):
        verify(BODY, SIGNATURE, "")


@pytest.mark.parametrize("body", [BODY.decode(), {"triggerEvent": "BOOKING_CREATED"}, None])
def test_a_body_that_was_read_already_is_refused(body: Any) -> None:
    with pytest.raises(TypeError, match="raw bytes"):
        verify(body, SIGNATURE, SECRET)


def test_the_module_says_how_to_use_it() -> None:
    assert webhooks.__all__ == ["verify"]
    assert "request.body()" in str(webhooks.__doc__)


def test_it_loads_neither_the_sandbox_nor_a_library() -> None:
    script = "import sys, cal_actions.webhooks; print(' '.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"cal_actions.sandbox", "httpx", "jsonschema", "pydantic", "yaml"}


def test_what_the_sandbox_sends_is_signed_the_same_way() -> None:
    attendee = {"name": "Zoë", "email": "zoe@example.com", "timeZone": "UTC"}
    booking = {"eventTypeId": 1, "start": "2026-12-01T10:00:00Z", "attendee": attendee}
    hook = {"active": True, "triggers": ["BOOKING_CREATED"], "secret": SECRET}
    with listening() as subscriber, Sandbox(now=datetime(2026, 11, 23, tzinfo=UTC)) as sandbox:
        call = Caller(sandbox)
        call("POST", "/v2/webhooks", {**hook, "subscriberUrl": subscriber.url})
        call("POST", "/v2/bookings", booking, version="2024-08-13")
        sandbox.deliver_webhooks()
    ((_, headers, body),) = subscriber.requests
    assert verify(body, headers["X-Cal-Signature-256"], SECRET)
    assert not verify(body, headers["X-Cal-Signature-256"], "another")
