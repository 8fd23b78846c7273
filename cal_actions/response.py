"""Status, headers and body → data, or ActionError. No input or output happens here.

The shapes are those of Cal.com's API v2 as its recorded answers show them: success wrapped
in `{status, data}`, and five shapes of error body.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from cal_actions.errors import ActionError
from cal_actions.rate_limits import retry_after, retry_after_of_gateway

if TYPE_CHECKING:
    from cal_actions.errors import Code
    from cal_actions.spec import ActionSpec
    from cal_actions.wire import Received

_CODES: dict[int, Code] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "endpoint_gone",
    429: "rate_limited",
    498: "unauthorized",
    501: "endpoint_gone",
}
_ADVICE: dict[Code, str] = {
    "unauthorized": "check that the API key or token is valid and may do this",
    "forbidden": "the credentials are valid but lack the permission, plan or role for this",
    "not_found": "check the ids, and that these credentials may see what they name",
    "conflict": "it exists already or was changed meanwhile: read the current state first",
    "endpoint_gone": "this Cal.com does not serve the endpoint: check CAL_API_BASE_URL",
    "upstream_error": "the fault is on Cal.com's side",
}
_ELSEWHERE = "this is no answer of the API: check CAL_API_BASE_URL"
_LONGEST_MESSAGE = 500
_MOST_DETAILS = 50

_LONGEST_NAME = 100
_LONG_NUMBER = re.compile(rb"[:,\[\s]-?[0-9]{19}")

LookUp = Callable[["ActionSpec"], str | None]
Clean = Callable[[str], str]


def maybe_done(look_up: str | None) -> str:
    """Advise what to do where a write may have taken effect; `look_up` is a slug."""
    how = f"look with {look_up}" if look_up else "look that up"
    return f"the call may have taken effect, so {how} before sending it again"


def _nothing_to_look_with(_spec: ActionSpec) -> None:
    return None


def _as_said(said: str) -> str:
    return said


def read(
    spec: ActionSpec,
    received: Received,
    *,
    unwrap: bool = True,
    look_up: LookUp = _nothing_to_look_with,
    clean: Clean = _as_said,
) -> Any:
    """Return the data of a successful answer, Cal.com's own wrapper taken off.

    An object stays as it is; a list becomes `{"items": […]}`, with `pagination` where Cal.com
    sends one; text or a number becomes `{"value": …}`, null `{}`; a body without `data` is
    returned whole, and so is every body with `unwrap=False`. Raises ActionError for every
    other answer; `look_up` gives the action that shows whether a write took effect, `clean`
    takes out of an error body what must not be told.
    """
    if spec.redirects and 300 <= received.status < 400 and "location" in received.headers:
        return {"location": received.headers["location"]}
    if not 200 <= received.status < 300:
        raise _failure(spec, received, look_up, clean)
    if received.status == 204:
        return {}
    body, fault = _json(received, clean)
    if fault:
        raise _unreadable(spec, received, fault, look_up, clean)
    if body.get("status") == "error":
        raise _failure(spec, received, look_up, clean)
    return _unwrapped(body) if unwrap else body


def _unwrapped(body: dict[str, Any]) -> Any:
    if "data" not in body:
        return body
    data = body["data"]
    if isinstance(data, dict):
        return data
    if isinstance(data, list):
        paged = {"pagination": body["pagination"]} if "pagination" in body else {}
        return {"items": data, **paged}
    return {} if data is None else {"value": data}


def _json(received: Received, clean: Clean) -> tuple[dict[str, Any], str | None]:
    """Return the object of an answer, or what is wrong with it."""
    if not received.body.strip():
        return {}, "has no body"
    kind = _kind(received, clean)
    try:
        body = _loads(received.body)
    except UnicodeDecodeError:
        fault = "is not UTF-8"
    except RecursionError:
        fault = "is nested too deeply"
    except ValueError:
        fault = "is cut off or is not valid JSON"
    else:
        return (body, None) if isinstance(body, dict) else ({}, "is not a JSON object")
    return {}, fault if "json" in kind else f"is {kind or 'of no known type'}, not JSON"


def _unreadable(
    spec: ActionSpec, received: Received, fault: str, look_up: LookUp, clean: Clean
) -> ActionError:
    message = f"Cal.com's answer (HTTP {received.status}) {fault}: check CAL_API_BASE_URL"
    facts = _facts(received, clean)
    if spec.effect != "read":
        message += f"; {maybe_done(look_up(spec))}"
        facts["outcome_unknown"] = True
    return ActionError("unreadable_response", f"{message}.", **facts)


def _failure(spec: ActionSpec, received: Received, look_up: LookUp, clean: Clean) -> ActionError:
    status = received.status
    if 300 <= status < 400:
        return ActionError(
            "unreadable_response",
            f"Cal.com answered with a redirect (HTTP {status}), which is not followed because"
            " it could carry the key to another host: check CAL_API_BASE_URL.",
            **_facts(received, clean),
        )
    body = _api_error(received)
    said, details = (_gateway(received, clean), []) if body is None else _told(body, clean)
    code = _code(status, said)
    facts = _facts(received, clean)
    if details:
        facts["details"] = details
    message = f"Cal.com answered {status}" + (f": {said}" if said else " without a reason")
    if code == "rate_limited":
        wait = retry_after(received.headers)
        if wait is not None:
            facts["retry_after"] = wait
        message += f"; send it again in {wait:g} seconds" if wait else "; send it again later"
    elif advice := _ELSEWHERE if body is None and status < 500 else _ADVICE.get(code):
        message += f"; {advice}"
    repeatable = spec.effect == "read" or spec.idempotent
    if code == "upstream_error" and not repeatable:
        message += f", and {maybe_done(look_up(spec))}"
    if code == "upstream_error" and (wait := retry_after_of_gateway(received.headers)):
        facts["retry_after"] = wait
    if code == "upstream_error" and body is None and spec.effect != "read":
        facts["outcome_unknown"] = True
    retryable = code == "rate_limited" or (code == "upstream_error" and repeatable)
    return ActionError(code, f"{message}.", retryable=retryable, **facts)


def _code(status: int, said: str) -> Code:
    if status == 404 and said.startswith("Cannot "):
        return "endpoint_gone"
    return _CODES.get(status, "rejected" if 400 <= status < 500 else "upstream_error")


def _api_error(received: Received) -> dict[str, Any] | None:
    """Return the error body of the API, or None when something before it has answered."""
    try:
        body = _loads(received.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _told(body: dict[str, Any], clean: Clean) -> tuple[str, list[dict[str, str]]]:
    """Reduce an error body of any shape to one clause and, where it has them, details."""
    error = body.get("error")
    if not isinstance(error, dict):
        message = body.get("message", error)
        return _clause(message, clean), []
    details = error.get("details")
    if isinstance(details, dict) and isinstance(details.get("errors"), list):
        found = list(islice(_constraints(details["errors"], clean), _MOST_DETAILS))
        if found:
            said = "; ".join(dict.fromkeys(item["message"] for item in found))
            return _clause(said), found
    if isinstance(details, str):
        return _clause(details, clean), []
    if isinstance(details, dict) and not error.get("message"):
        return _clause(details.get("message"), clean), []
    return _clause(error.get("message"), clean), []


def _constraints(
    errors: list[Any], clean: Clean, parent: str = "", depth: int = 0
) -> Iterator[dict[str, str]]:
    """Yield the broken constraints of Cal.com's input validation, nested ones by their path."""
    for error in errors:
        if not isinstance(error, dict) or depth > 20:
            continue
        name = _clause(str(error.get("property", "")), clean)[:_LONGEST_NAME]
        path = f"{parent}[{name}]" if name.isdigit() else f"{parent}.{name}".lstrip(".")
        path = path[:_LONGEST_MESSAGE]
        constraints = error.get("constraints")
        if isinstance(constraints, dict):
            for text in constraints.values():
                message = _clause(text, clean)
                shown = message if not parent else f"{path}: {message}"
                yield {"path": path, "message": shown}
        if isinstance(error.get("children"), list):
            yield from _constraints(error["children"], clean, path, depth + 1)


def _clause(value: Any, clean: Clean = _as_said) -> str:
    if isinstance(value, list):
        value = "; ".join(item for item in value if isinstance(item, str))
    text = " ".join(clean(value).split()) if isinstance(value, str) else ""
    if text.startswith("Cannot "):  # no such route: what follows is the query, perhaps a secret
        text = text.partition("?")[0]
    text = "".join(filter(str.isprintable, text[:_LONGEST_MESSAGE]))
    return text.rstrip(" .,:;")


def _gateway(received: Received, clean: Clean) -> str:
    text = received.body.decode("utf-8", "replace").strip()
    kind = _kind(received, clean)
    if not text or (kind == "text/plain" and not text.startswith("<")):
        return _clause(text, clean)
    return f"a page of {kind or 'no known type'} in place of JSON"


def _kind(received: Received, clean: Clean) -> str:
    kind = received.headers.get("content-type", "").partition(";")[0]
    return _clause(kind, clean)[:_LONGEST_NAME]


def _facts(received: Received, clean: Clean) -> dict[str, Any]:
    facts: dict[str, Any] = {"http_status": received.status}
    if request_id := received.headers.get("x-request-id"):
        facts["request_id"] = _clause(request_id, clean)[:_LONGEST_NAME]
    return facts


def _json_loads(body: bytes) -> Any:
    return json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is beyond all floats")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _fastest_loads() -> Callable[[bytes], Any]:
    try:
        import orjson
    except ImportError:
        return _json_loads

    def loads(body: bytes) -> Any:
        if _LONG_NUMBER.search(body):  # orjson makes floats of them, which lose digits
            return _json_loads(body)
        try:
            return orjson.loads(body)
        except ValueError:  # what it refuses may be JSON after all, such as a byte order mark
            return _json_loads(body)

    return loads


_loads = _fastest_loads()
