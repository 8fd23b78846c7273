"""An answer's body: decoded as it arrives, bounded, and read as JSON or told in one sentence."""

import gzip
import json
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cal_actions import ActionError, response
from cal_actions.transport.bodies import Body
from cal_actions.wire import Received, SendFailed
from tests.made_up import catalog_of, document
from tests.sending.conftest import Ask, opened
from tests.sending.faulty_server import Server, answer, serving

OK = b'{"status": "success", "data": {"uid": "abc"}}'
# A client that knows brotli could read it.
BROTLI = b"\x0b\x16\x80" + OK + b"\x03"
READ = catalog_of(document())["CAL_DO"]
WRITE = catalog_of(document(method="POST"))["CAL_DO"]


def bare_deflate(data: bytes) -> bytes:
    coder = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return coder.compress(data) + coder.flush()


def chunked(body: bytes, *headers: str, size: int = 7) -> Callable[[Server, socket.socket], None]:
    head = "\r\n".join(
        (
            "HTTP/1.1 200 OK",
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
            *headers,
        )
    )
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    coded = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return lambda _, connection: connection.sendall(
        head.encode() + b"\r\n\r\n" + coded + b"0\r\n\r\n"
    )


CODINGS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate in zlib's format": ("deflate", zlib.compress),
    "bare deflate": ("deflate", bare_deflate),
}
PACKED = {name: coding for name, coding in CODINGS.items() if name != "identity"}


def decoded(pieces: list[bytes], coding: str, limit: int = 1_000) -> bytes:
    body = Body({"content-encoding": coding}, limit)
    for piece in pieces:
        body.add(piece)
    return body.whole()


def bomb() -> bytes:
    """A gzip of a few kilobytes for each of its thousand megabytes."""
    coder = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    first = coder.compress(bytes(1_000_000)) + coder.flush(zlib.Z_FULL_FLUSH)
    again = coder.compress(bytes(1_000_000)) + coder.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + first + again * 999


BOMB = bomb()


@pytest.fixture
def peak() -> Iterator[Callable[[], int]]:
    """The most bytes that Python held at once since the test began."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    yield lambda: tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()


@pytest.mark.parametrize(("coding", "encode"), CODINGS.values(), ids=CODINGS)
def test_a_body_split_at_any_byte_is_decoded(coding: str, encode: Callable[[bytes], bytes]) -> None:
    sent = encode(OK)
    for at in range(len(sent) + 1):
        assert decoded([sent[:at], sent[at:]], coding) == OK


@pytest.mark.parametrize(("coding", "encode"), CODINGS.values(), ids=CODINGS)
def test_a_body_of_single_bytes_is_decoded(coding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decoded([bytes([byte]) for byte in encode(OK)], coding) == OK


@pytest.mark.parametrize(("coding", "encode"), CODINGS.values(), ids=CODINGS)
def test_an_answer_in_a_known_coding_is_read(
    ask: Ask, coding: str, encode: Callable[[bytes], bytes]
) -> None:
    with serving(answer(encode(OK), f"Content-Encoding: {coding}")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"uid": "abc"}


@pytest.mark.parametrize(("coding", "encode"), CODINGS.values(), ids=CODINGS)
def test_a_chunked_answer_in_a_known_coding_is_read(
    ask: Ask, coding: str, encode: Callable[[bytes], bytes]
) -> None:
    with serving(chunked(encode(OK), f"Content-Encoding: {coding}")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"uid": "abc"}


@pytest.mark.parametrize(("coding", "encode"), CODINGS.values(), ids=CODINGS)
def test_a_body_of_exactly_the_limit_is_whole(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    assert decoded([encode(bytes(5_000))], coding, 5_000) == bytes(5_000)


@pytest.mark.parametrize(("coding", "encode"), CODINGS.values(), ids=CODINGS)
def test_a_body_of_one_byte_too_many_is_refused(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(SendFailed) as caught:
        decoded([encode(bytes(5_001))], coding, 5_000)
    assert caught.value.code == "unreadable_response"
    assert caught.value.reason == "the answer is larger than 5000 bytes"


@pytest.mark.parametrize(("coding", "encode"), CODINGS.values(), ids=CODINGS)
@pytest.mark.parametrize(("spare", "code"), [(0, None), (-1, "unreadable_response")])
def test_the_limit_of_a_connector_counts_decoded_bytes(
    ask: Ask, coding: str, encode: Callable[[bytes], bytes], spare: int, code: str | None
) -> None:
    body = json.dumps({"data": {"text": "x" * 20_000}}).encode()
    with serving(answer(encode(body), f"Content-Encoding: {coding}")) as server:
        (envelope,) = ask(server.url, "CAL_READ", max_response_bytes=len(body) + spare)
    assert envelope.data.get("code") == code


@pytest.mark.parametrize("behave", [answer, chunked])
def test_a_body_too_large_is_refused_for_a_write_as_of_unknown_outcome(
    ask: Ask, behave: Callable[..., Callable[[Server, socket.socket], None]]
) -> None:
    with serving(behave(OK)) as server:
        (envelope,) = ask(server.url, "CAL_MAKE", max_response_bytes=len(OK) - 1)
    assert envelope.data == {
        "code": "unreadable_response",
        "retryable": False,
        "outcome_unknown": True,
    }


def test_a_bomb_in_one_piece_is_decoded_no_further_than_the_limit(
    peak: Callable[[], int],
) -> None:
    with pytest.raises(SendFailed) as caught:
        decoded([BOMB], "gzip", 2_000_000)
    assert "larger than 2000000 bytes" in caught.value.reason
    assert peak() < 20_000_000


def test_a_bomb_is_decoded_no_further_than_the_limit(ask: Ask, peak: Callable[[], int]) -> None:
    with serving(answer(BOMB, "Content-Encoding: gzip")) as server:
        (envelope,) = ask(server.url, "CAL_READ", max_response_bytes=2_000_000)
    assert envelope.data == {"code": "unreadable_response", "retryable": False}
    assert "larger than 2000000 bytes" in str(envelope.error)
    assert peak() < 30_000_000


def test_a_coding_that_decodes_to_nothing_is_bounded_as_it_is_sent() -> None:
    body = Body({"content-encoding": "gzip"}, 100)
    empty_block = b"\0\0\0\xff\xff"
    with pytest.raises(SendFailed) as caught:
        body.add(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + empty_block * 1_000)
    assert caught.value.reason == "the answer is larger than 100 bytes"


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "identity, gzip", "x", ","]
)
def test_a_coding_that_was_not_asked_for_is_named(ask: Ask, coding: str) -> None:
    with serving(answer(OK, f"Content-Encoding: {coding}")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"code": "unreadable_response", "retryable": False}
    assert f"its content coding ({coding}) was not asked for" in str(envelope.error)


def test_brotli_is_refused_where_it_could_be_decoded(ask: Ask) -> None:
    with serving(answer(BROTLI, "Content-Encoding: br")) as server:
        (envelope,) = ask(server.url, "CAL_MAKE")
    assert envelope.data["code"] == "unreadable_response"
    assert envelope.data["outcome_unknown"] is True


def test_only_codings_that_can_be_decoded_are_asked_for(ask: Ask) -> None:
    with serving(answer(OK)) as server:
        ask(server.url, "CAL_READ", "CAL_MAKE")
    for request in server.requests:
        lines = [line.lower() for line in request.split(b"\r\n")]
        asked = [line for line in lines if line.startswith(b"accept-encoding:")]
        assert asked == [b"accept-encoding: gzip, deflate"]


def test_a_coding_of_unprintable_name_is_not_quoted() -> None:
    with pytest.raises(SendFailed) as caught:
        Body({"content-encoding": "br\x1b[31m"}, 100)
    assert caught.value.reason == "its content coding (unknown) was not asked for"


def test_a_coding_of_long_name_is_cut() -> None:
    with pytest.raises(SendFailed) as caught:
        Body({"content-encoding": "z" * 10_000}, 100)
    assert len(caught.value.reason) < 100


@pytest.mark.parametrize("garbage", [b"\0", b"garbage", b"\x1f", bytes(400)])
def test_what_follows_a_coded_body_is_left_out(garbage: bytes) -> None:
    assert decoded([gzip.compress(OK) + garbage], "gzip") == OK
    assert decoded([gzip.compress(OK), garbage], "gzip") == OK


def test_a_body_in_two_gzip_members_is_never_taken_for_a_whole_answer(ask: Ask) -> None:
    body = gzip.compress(OK[:20]) + gzip.compress(OK[20:])
    with serving(answer(body, "Content-Encoding: gzip")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.successful is (envelope.data == {"uid": "abc"})


@pytest.mark.parametrize(("coding", "encode"), PACKED.values(), ids=PACKED)
def test_a_coding_cut_off_anywhere_is_refused(
    coding: str, encode: Callable[[bytes], bytes]
) -> None:
    sent = encode(OK)
    for at in range(1, len(sent)):
        with pytest.raises(SendFailed) as caught:
            decoded([sent[:at]], coding)
        assert caught.value.reason in (
            "its content coding is cut off",
            "its content coding is broken",
        )


@pytest.mark.parametrize(("coding", "encode"), PACKED.values(), ids=PACKED)
def test_a_coding_that_is_cut_off_is_told(
    ask: Ask, coding: str, encode: Callable[[bytes], bytes]
) -> None:
    with serving(answer(encode(OK)[:-6], f"Content-Encoding: {coding}")) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"code": "unreadable_response", "retryable": False}
    assert "its content coding is cut off" in str(envelope.error)


@pytest.mark.parametrize("at", [1, 3, 12, -6, -2])
def test_a_gzip_with_a_wrong_byte_is_refused(at: int) -> None:
    sent = bytearray(gzip.compress(OK))
    sent[at] ^= 0xFF
    with pytest.raises(SendFailed) as caught:
        decoded([bytes(sent)], "gzip")
    assert caught.value.code == "unreadable_response"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "identity"])
def test_an_empty_body_in_a_coding_is_an_empty_body(ask: Ask, coding: str) -> None:
    empty = answer(b"", f"Content-Encoding: {coding}", status="502 Bad Gateway")
    with serving(empty) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert envelope.data == {"code": "upstream_error", "retryable": True, "http_status": 502}
    assert "without a reason" in str(envelope.error)


def test_no_content_in_a_coding_is_a_success(ask: Ask) -> None:
    behave = answer(b"", "Content-Encoding: gzip", status="204 No Content")
    with serving(behave) as server:
        (envelope,) = ask(server.url, "CAL_DROP")
    assert (envelope.data, envelope.successful) == ({}, True)


@pytest.fixture(params=["orjson", "standard library"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read JSON with and without the extra `fast`."""
    if request.param != "orjson":
        monkeypatch.setattr(response, "_loads", response._json_loads)


def fault_of(
    body: bytes, kind: str = "application/json", status: int = 200, spec: Any = READ
) -> ActionError:
    with pytest.raises(ActionError) as caught:
        response.read(spec, Received(status, {"content-type": kind}, body))
    return caught.value


def nested(depth: int) -> bytes:
    return b'{"data": {"a": ' + b"[" * depth + b"]" * depth + b"}}"


READABLE: dict[str, tuple[bytes, Any]] = {
    "a byte order mark": (b"\xef\xbb\xbf" + OK, {"uid": "abc"}),
    "UTF-16": (OK.decode().encode("utf-16"), {"uid": "abc"}),
    "UTF-16 without a mark": (OK.decode().encode("utf-16-be"), {"uid": "abc"}),
    "UTF-32": (OK.decode().encode("utf-32"), {"uid": "abc"}),
    "the same key twice": (b'{"data": {"a": 1, "a": 2}}', {"a": 2}),
    "the largest number of 64 bits": (b'{"data": {"a": 18446744073709551615}}', {"a": 2**64 - 1}),
    "a number of more than 64 bits": (b'{"data": {"a": 18446744073709551616}}', {"a": 2**64}),
    "a number below 64 bits": (b'{"data": {"a": -9223372036854775809}}', {"a": -(2**63) - 1}),
    "a number of thirty digits": (b'{"data": {"a": %s}}' % (b"7" * 30), {"a": int("7" * 30)}),
    "digits within text": (b'{"data": {"a": "%s"}}' % (b"7" * 30), {"a": "7" * 30}),
    "half of a surrogate pair": (b'{"data": {"a": "\\ud83d"}}', {"a": "\ud83d"}),
    "a zero byte in text": (b'{"data": {"a": "\\u0000"}}', {"a": "\0"}),
    "a hundred levels": (nested(100), json.loads(nested(100))["data"]),
    "space around it": (b" \r\n\t" + OK + b" \n", {"uid": "abc"}),
}
UNREADABLE = {
    "NaN": b'{"data": {"a": NaN}}',
    "Infinity": b'{"data": {"a": Infinity}}',
    "minus Infinity": b'{"data": {"a": -Infinity}}',
    "a number beyond all floats": b'{"data": {"a": 1e999}}',
    "a negative number beyond all floats": b'{"data": [-1e999]}',
    "five thousand digits": b'{"data": {"a": %s}}' % (b"7" * 5_000),
    "100,000 levels": nested(100_000),
    "100,000 levels of objects": b'{"data": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
    "text after it": OK + b"{}",
    "a zero byte after it": OK + b"\0",
    "a control character in text": b'{"data": {"a": "\x01"}}',
    "a trailing comma": b'{"data": {"a": 1,}}',
    "single quotes": b"{'data': {}}",
    "a comment": OK + b"// no",
}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(("body", "data"), READABLE.values(), ids=READABLE)
def test_json_that_is_odd_but_right_is_read(body: bytes, data: Any) -> None:
    read = response.read(READ, Received(200, {"content-type": "application/json"}, body))
    assert read == data
    assert repr(read) == repr(data)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_not_quite_json_is_refused(body: bytes) -> None:
    told = fault_of(body)
    assert told.code == "unreadable_response"
    assert "is not valid JSON" in told.message or "nested too deeply" in told.message


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("status", [400, 500])
@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_an_error_that_is_not_quite_json_is_told_by_its_status(body: bytes, status: int) -> None:
    told = fault_of(body, status=status)
    assert told.code == {400: "rejected", 500: "upstream_error"}[status]
    assert "a page of application/json in place of JSON" in told.message


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=latin-1"])
@pytest.mark.parametrize("text", [b"caf\xe9", b"\xff\xfe", b"\xc3", b"\xf8\x88\x80\x80\x80"])
def test_text_that_is_not_utf_8_is_refused_whatever_charset_is_declared(
    kind: str, text: bytes
) -> None:
    told = fault_of(b'{"data": {"name": "' + text + b'"}}', kind)
    assert told.message == ("Cal.com's answer (HTTP 200) is not UTF-8: check CAL_API_BASE_URL.")


@pytest.mark.usefixtures("parser")
def test_text_that_is_utf_8_is_read_whatever_charset_is_declared() -> None:
    headers = {"content-type": "application/json; charset=iso-8859-1"}
    body = '{"data": {"name": "José"}}'.encode()
    assert response.read(READ, Received(200, headers, body)) == {"name": "José"}


@pytest.mark.usefixtures("parser")
def test_an_error_in_another_charset_is_told_by_its_status() -> None:
    assert fault_of(b'{"message": "caf\xe9"}', status=404).code == "not_found"


def api_error(**error: Any) -> dict[str, Any]:
    return {"status": "error", "error": {"code": "X", **error}}


SHAPES: dict[str, Callable[[str], Any]] = {
    "a message": lambda said: {"statusCode": 400, "message": said},
    "several messages": lambda said: {"statusCode": 400, "message": ["name is wrong", said]},
    "an error that is text": lambda said: {"status": "error", "error": said},
    "an error with a message": lambda said: api_error(message=said),
    "details that are text": lambda said: api_error(message="Bad", details=said),
    "details with a message": lambda said: api_error(details={"message": said}),
    "broken constraints": lambda said: api_error(
        message="Bad", details={"errors": [{"property": "name", "constraints": {"rule": said}}]}
    ),
    "broken constraints within": lambda said: api_error(
        message="Bad",
        details={
            "errors": [
                {
                    "property": "names",
                    "children": [{"property": "0", "constraints": {"rule": said}}],
                }
            ]
        },
    ),
}
HOSTILE = {
    "control characters": "a\0b\x1b[31mc\x07d\x9be\x7f\u202ef\u2028g",
    "lines": "one\r\ntwo\n\n\nthree\tfour",
    "a very long text": "long " * 200_000,
    "a very long word": "l" * 1_000_000,
    "half of a surrogate pair": "half \ud83d of it",
    "a page": "<html><body><script>alert(1)</script></body></html>",
}


@pytest.mark.parametrize("said", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_hostile_words_become_one_short_printable_line(
    shape: Callable[[str], Any], said: str
) -> None:
    told = fault_of(json.dumps(shape(said)).encode(), status=400)
    words = [told.message]
    for item in told.facts.get("details", []):
        words += item.values()
    assert told.code == "rejected"
    assert told.message.startswith("Cal.com answered 400")
    assert all(text.isprintable() and len(text) < 600 for text in words)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_path_of_a_constraint_becomes_short_and_printable(name: str) -> None:
    error = {"property": name, "constraints": {"rule": "is wrong"}}
    for outer in ([error], [{"property": name, "children": [error]}]):
        told = fault_of(json.dumps(api_error(details={"errors": outer})).encode(), status=400)
        (item,) = told.facts["details"]
        assert item["path"].isprintable()
        assert len(item["path"]) < 600
        assert len(item["message"]) < 1_200


SECRET = "re-4711 secret"
ECHOES = {
    "as it is": "the value %s is wrong",
    "at the end": "wrong: %s",
    "in quotes": '"%s" is wrong, "%s" too',
    "across the cut of a long message": "x" * 490 + " %s",
}


@pytest.mark.parametrize("words", ECHOES.values(), ids=ECHOES)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_what_was_sent_is_not_quoted(shape: Callable[[str], Any], words: str) -> None:
    body = json.dumps(shape(words.replace("%s", SECRET))).encode()
    with (
        serving(answer(body, status="400 Bad Request")) as server,
        opened("sync", server.url) as connector,
    ):
        envelope = connector.execute("CAL_MAKE", {"uid": SECRET})
    assert SECRET.encode() in server.requests[0]
    assert envelope.data["code"] == "rejected"
    assert "re-4711" not in repr(envelope)


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/json"])
@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "502 Bad Gateway"])
def test_text_in_place_of_json_quotes_nothing_that_was_sent(
    ask: Ask, kind: str, status: str
) -> None:
    words = "x" * 480 + " cal_live_0123456789"
    with serving(answer(words.encode(), f"Content-Type: {kind}", status=status)) as server:
        (envelope,) = ask(server.url, "CAL_READ")
    assert "cal_live" not in repr(envelope)


CLOUDFLARE = b"""<!DOCTYPE html>
<!--[if lt IE 7]> <html class="no-js ie6 oldie" lang="en-US"> <![endif]-->
<html><head><title>api.cal.com | Error</title></head>
<body><h1>Error</h1><span>Cloudflare Ray ID: <strong>8f00ba4711</strong></span></body></html>"""
NGINX = b"""<html>\r\n<head><title>Error</title></head>\r\n<body>\r\n
<center><h1>Error</h1></center>\r\n<hr><center>nginx/1.25.3</center>\r\n</body>\r\n</html>\r\n"""
CODES = {
    **dict.fromkeys((400, 405, 406, 413, 414, 418, 431, 451, 499), "rejected"),
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "endpoint_gone",
    429: "rate_limited",
    501: "endpoint_gone",
    **dict.fromkeys((500, 502, 503, 504, *range(520, 531)), "upstream_error"),
}


@pytest.mark.parametrize(("status", "code"), CODES.items())
@pytest.mark.parametrize("page", [CLOUDFLARE, NGINX], ids=["Cloudflare", "nginx"])
def test_a_page_of_a_gateway_is_told_by_its_status_alone(
    page: bytes, status: int, code: str
) -> None:
    told = fault_of(page, "text/html; charset=UTF-8", status)
    assert (told.code, told.facts["http_status"]) == (code, status)
    said = f"Cal.com answered {status}: a page of text/html in place of JSON"
    assert told.message.startswith(said)
    assert not any(word in told.message for word in ("<", "nginx", "4711", "\n"))
    assert told.retryable is (code in ("rate_limited", "upstream_error"))


@pytest.mark.parametrize("status", [500, 502, 503, 504, *range(520, 531)])
@pytest.mark.parametrize("page", [CLOUDFLARE, NGINX, b""], ids=["Cloudflare", "nginx", "empty"])
def test_a_page_of_a_gateway_leaves_the_outcome_of_a_write_unknown(
    page: bytes, status: int
) -> None:
    told = fault_of(page, "text/html", status, WRITE)
    assert told.facts["outcome_unknown"] is True
    assert told.retryable is False


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_a_refusing_page_points_to_the_address(status: int) -> None:
    assert fault_of(NGINX, "text/html", status).message.endswith(
        "this is no answer of the API: check CAL_API_BASE_URL."
    )


def test_a_line_of_plain_text_is_told() -> None:
    told = fault_of(b"no healthy\x1b[31m upstream\n", "text/plain; charset=utf-8", 503)
    assert told.message == (
        "Cal.com answered 503: no healthy[31m upstream; the fault is on Cal.com's side."
    )


def test_plain_text_that_is_not_utf_8_is_told() -> None:
    assert fault_of(b"pass\xe9 \xff", "text/plain", 503).code == "upstream_error"


@pytest.mark.parametrize("kind", ["text/\x9bhtml", "x" * 10_000, "text/html\x85\u2028"])
def test_a_hostile_content_type_becomes_short_and_printable(kind: str) -> None:
    for status in (200, 502):
        told = fault_of(b"<html>", kind, status)
        assert told.message.isprintable()
        assert len(told.message) < 300
