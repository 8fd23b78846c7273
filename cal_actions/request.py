"""Action + params → WireRequest, a plain value. No input or output happens here."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from cal_actions.conversions import CONVERSIONS
from cal_actions.placement import placements
from cal_actions.spec import METHODS_WITH_BODY
from cal_actions.validation import invalid_params
from cal_actions.wire import WireRequest

if TYPE_CHECKING:
    from cal_actions.errors import ActionError
    from cal_actions.placement import Placement
    from cal_actions.spec import ActionSpec


_BEYOND_64_BITS = 2**64
_LONGEST_TARGET = 60_000


class RequestBuilder:
    """Builds the requests of one action; what all of them share is worked out once."""

    def __init__(self, spec: ActionSpec) -> None:
        self._spec = spec
        places = placements(spec)
        self._in_path = [name for name, place in places.items() if place.location == "path"]
        self._in_query = {
            name: place for name, place in places.items() if place.location == "query"
        }
        self._in_body = {name: place for name, place in places.items() if place.location == "body"}
        self.sends_body = spec.method in METHODS_WITH_BODY
        self._body_is_params = len(self._in_body) == len(places) and all(
            place.send and not place.convert and place.name == name
            for name, place in self._in_body.items()
        )

    def __call__(self, params: dict[str, Any]) -> WireRequest:
        """Build the request for params that have been checked.

        Raises ActionError `invalid_params` for what a schema cannot say: a path value that
        is empty, `.` or `..` or has control characters, a value that JSON does not have,
        JSON text that is not JSON.
        """
        spec = self._spec
        target = self._path(params) + self._query(params)
        if len(target) > _LONGEST_TARGET:
            message = f"the params must be shorter: their URL has {len(target)} characters"
            raise invalid_params(spec.slug, [{"path": "", "message": message}])
        body = self._body(params) if self.sends_body else None
        return WireRequest(spec.method, target, spec.version, body)

    def _path(self, params: dict[str, Any]) -> str:
        path = self._spec.path
        for name in self._in_path:
            path = path.replace(f"{{{name}}}", self._segment(name, params[name]))
        return path

    def _segment(self, name: str, value: Any) -> str:
        """Encode a value as exactly one segment; dots alone would climb the path."""
        try:
            text = _text(value)
        except ValueError as problem:
            raise self._invalid(name, str(problem)) from None
        if text in ("", ".", ".."):
            raise self._invalid(name, "must not be empty, '.' or '..'")
        if not _is_clean(text):
            raise self._invalid(name, "must not have control characters")
        return quote(text, safe="")

    def _query(self, params: dict[str, Any]) -> str:
        pairs = []
        for name, place in self._in_query.items():
            if name in params and place.send:
                try:
                    items = _items(self._converted(name, place, params), place)
                except UnicodeEncodeError:
                    raise self._invalid(name, "must be text that UTF-8 can encode") from None
                except ValueError as problem:
                    raise self._invalid(name, str(problem)) from None
                pairs += [f"{quote(place.name, safe='')}={item}" for item in items]
        return f"?{'&'.join(pairs)}" if pairs else ""

    def _body(self, params: dict[str, Any]) -> bytes:
        body = params if self._body_is_params else self._arranged(params)
        try:
            text = json.dumps(body, separators=(",", ":"), allow_nan=False)
        except (TypeError, ValueError, RecursionError) as problem:
            message = f"the params must be plain JSON: {problem}"
            raise invalid_params(self._spec.slug, [{"path": "", "message": message}]) from None
        return text.encode()

    def _arranged(self, params: dict[str, Any]) -> dict[str, Any]:
        body: dict[str, Any] = {}
        for name, place in self._in_body.items():
            if name in params and place.send:
                *parents, last = place.name.split(".")
                inner = body
                for parent in parents:
                    inner = inner.setdefault(parent, {})
                inner[last] = self._converted(name, place, params)
        return body

    def _converted(self, name: str, place: Placement, params: dict[str, Any]) -> Any:
        value = params[name]
        try:
            return CONVERSIONS[place.convert](value) if place.convert else value
        except ValueError as problem:
            raise self._invalid(name, str(problem)) from None

    def _invalid(self, name: str, message: str) -> ActionError:
        return invalid_params(self._spec.slug, [{"path": name, "message": message}])


def _items(value: Any, place: Placement) -> list[str]:
    if not isinstance(value, list | tuple):
        return [quote(_text(value), safe="")]
    encoded = [quote(_text(item), safe="") for item in value]
    return encoded if place.explode else [",".join(encoded)]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return str.__str__(value)  # the text of a member of a text enum, not its name
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not -_BEYOND_64_BITS < value < _BEYOND_64_BITS:
        raise ValueError("must be a number of 64 bits")
    return str(value)


def _is_clean(text: str) -> bool:
    return all(" " <= character != "\x7f" for character in text) and not any(
        "\ud800" <= character <= "\udfff" for character in text
    )
