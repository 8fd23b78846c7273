"""What goes in and what comes out: requests, answers of the handlers, replies on the wire."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import parse_qsl, quote

from cal_actions.sandbox import refusals

if TYPE_CHECKING:
    from cal_actions.sandbox.oauth_clients.records import OAuthClient
    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User

BODY_LIMIT = 102_400
_OF_URLS = "!#$%&'()*+,/:;=?@[]|"
LARGEST_ID = 2**31 - 1
_WRITTEN_WITH_EXPONENT = 1e21
# One digit more than the largest id has: Python refuses to read numbers of thousands of digits.
_DIGITS = re.compile(r"-?[0-9]{1,11}")
_BRACKETS = re.compile(r"^(?P<name>[^\[\]]+)\[\d*\]$")

Query = dict[str, "str | list[str]"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer as it would go over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler hands back: the JSON body (or a text), the status and extra headers.

    `fault` is what the recorded server answers where it breaks and the sandbox does not; where
    server faults are played it is raised, and what the handler wrote is undone.
    """

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    fault: refusals.Refusal | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request, read and checked as far as every operation needs it.

    `params` holds the decoded path parameters by their template name, `query` the query with
    repeated keys (and `key[]`) as lists, `body` the parsed JSON ({} where none was sent), `now`
    the sandbox's clock in UTC. `caller` is the user the credentials belong to, or None; `client`
    the OAuth client that the caller comes through, or None.
    """

    method: str
    target: str
    params: Mapping[str, str]
    query: Query
    headers: Mapping[str, str]
    body: Any
    version: str
    now: datetime
    store: Store
    caller: User | None
    client: OAuthClient | None = None

    @property
    def user(self) -> User:
        """The caller of an operation that needs credentials.

        Raises Refusal (401) without credentials, so that it is safe on public operations too.
        """
        if self.caller is None:
            raise refusals.unauthorized(refusals.NO_CREDENTIALS)
        return self.caller

    @property
    def token(self) -> str:
        """The API key or access token that was sent, "" without one."""
        return self.headers.get("authorization", "").removeprefix("Bearer ").strip()

    def number(self, name: str) -> int:
        """A path parameter that is an id; like JavaScript's parseInt, `401.5` gives 401.

        Raises Refusal (400) for what is no number or beyond 32 bits, where the recorded server
        breaks (500).
        """
        digits = _DIGITS.match(self.params[name])
        if digits is None or int(digits[0]) > LARGEST_ID:
            refusal = refusals.bad_request("Validation failed (numeric string is expected)")
            raise refusals.breaks(refusal, wrapped=True)
        return int(digits[0])


def redirect(location: str) -> Answer:
    """A bare 301 in plain text, as the callbacks of other services answer.

    What a URL cannot hold, such as the end of a line, is percent-encoded.
    """
    location = quote(location, safe=_OF_URLS, errors="replace")
    text = f"Moved Permanently. Redirecting to {location}"
    headers = {"Location": location, "Content-Type": "text/plain; charset=utf-8"}
    return Answer(text, 301, headers)


def success(data: Any, status: int = 200) -> Answer:
    """Cal.com's usual wrapper around `data`."""
    return Answer({"status": "success", "data": data}, status)


def timestamp(moment: datetime) -> str:
    """The moment as Cal.com writes it: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_query(text: str) -> Query:
    """The query string as a dictionary; a repeated key, `key[]` or `key[0]` gives a list."""
    query: Query = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        brackets = _BRACKETS.match(key)
        name = brackets["name"] if brackets else key
        before = query.get(name)
        if isinstance(before, list):
            before.append(value)
        elif before is not None:
            query[name] = [before, value]
        else:
            query[name] = [value] if brackets else value
    return query


def read_body(headers: Mapping[str, str], body: bytes) -> Any:
    """The JSON body; {} when there is none or its Content-Type is not JSON.

    Raises Refusal: 413 above 100 kB, 400 when the JSON is broken or no object or array.
    """
    if len(body) > BODY_LIMIT:
        raise refusals.plain(413, "request entity too large")
    if not body or "json" not in headers.get("content-type", ""):
        return {}
    text = body.decode("utf-8", "replace").strip()
    if text[:1] not in ("{", "["):
        _refuse_json(text, 0)
    try:
        return _without_surrogates(
            json.loads(
                text,
                parse_float=_number,
                parse_constant=lambda name: _refuse_json(text, text.find(name)),
            )
        )
    except json.JSONDecodeError as error:
        _refuse_json(text, error.pos, expects_name=error.msg.startswith("Expecting property name"))
    except (RecursionError, ValueError):
        _refuse_json(text, 0)


def _number(text: str) -> float | int | None:
    """As JavaScript, which has one kind of number: `15.0` is 15, and `1e999` is written as null."""
    value = float(text)
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < _WRITTEN_WITH_EXPONENT else value


def _without_surrogates(value: Any) -> Any:
    """Half a character, as in the JSON text `"\\ud800"`, can be neither stored nor sent back."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.loads(text.encode("utf-8", "replace"))
    return value


def _refuse_json(text: str, position: int, *, expects_name: bool = False) -> NoReturn:
    if position >= len(text) or _is_cut_off(text, position):
        raise refusals.bad_request("Unexpected end of JSON input")
    if expects_name:
        raise refusals.bad_request(f"Expected property name or '}}' in JSON at position {position}")
    raise refusals.bad_request(
        f"Unexpected token '{text[position]}', \"{text[:50]}\" is not valid JSON"
    )


def _is_cut_off(text: str, position: int) -> bool:
    rest = text[position:]
    return any(word.startswith(rest) for word in ("true", "false", "null"))
