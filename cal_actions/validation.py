"""Params → checked params, or every violation at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from cal_actions.errors import ActionError
from cal_actions.spec import copied
from cal_actions.verdict import verdict

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from cal_actions.spec import Schema

_MOST_TOLD = 50
_LONGEST_TOLD = 10_000  # characters: a model pays for them twice, in `error` and `details`
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


class Checker:
    """Checks the params of one action against its input schema, compiled once."""

    def __init__(self, slug: str, schema: Schema, *, coerce: bool = True) -> None:
        self._slug = slug
        self._schema = schema
        self._coerce = coerce
        self._made_verdict: Callable[[Any], bool] | None = None
        self._made_validator: Draft202012Validator | None = None

    def __call__(self, params: Any) -> dict[str, Any]:
        """Return params that fit the schema; the caller's own object is never changed.

        With `coerce`, None for an optional parameter is dropped and unambiguous text becomes
        the type that is asked for, where the params would not fit otherwise. Raises
        ActionError `invalid_params` with every violation in its `details`: the first 50, or
        fewer where they are long.
        """
        if params is None:
            params = {}
        elif not isinstance(params, dict) and isinstance(params, Mapping):
            params = dict(params)
        with self._only_json():
            if isinstance(params, dict) and self._fits(params):
                return params
            return self._mended(params)

    def as_object(self, params: Any) -> dict[str, Any]:
        """Return a copy of the params as an object that need not fit the schema yet.

        Raises ActionError `invalid_params` for what is no object.
        """
        with self._only_json():
            if params is None:
                return {}
            if isinstance(params, Mapping):
                own: dict[str, Any] = copied(dict(params))
                return own
            if isinstance(params, str) and self._coerce:
                from cal_actions.coercion import coerced

                params = coerced(params, {"type": "object"}, self._validator)
            if not isinstance(params, dict):
                return self._mended(params)
            own = copied(params)
            return own

    def nearest(self, params: dict[str, Any]) -> dict[str, Any]:
        """Return the params as they would be checked: of the types that are asked for."""
        with self._only_json():
            if not self._coerce or self._fits(params):
                return params
            from cal_actions.coercion import coerced

            near: dict[str, Any] = coerced(params, self._schema, self._validator)
            return near

    @contextmanager
    def _only_json(self) -> Iterator[None]:
        try:
            yield
            return
        except RecursionError:
            message = "the params are nested too deeply"
        except (TypeError, ValueError, ArithmeticError):
            message = "the params must be plain JSON values"
        raise invalid_params(self._slug, [{"path": "", "message": message}])

    def _mended(self, params: Any) -> dict[str, Any]:
        from cal_actions.coercion import coerced

        if self._coerce:
            params = coerced(params, self._schema, self._validator)
        if isinstance(params, dict) and self._validator.is_valid(params):
            return params
        from cal_actions.violations import violations

        told: list[dict[str, str]] = []
        length = 0
        for violation in islice(violations(self._validator, params), _MOST_TOLD):
            length += sum(map(len, violation.values()))
            if told and length > _LONGEST_TOLD:  # the rest is told once these are mended
                break
            told.append(violation)
        raise invalid_params(self._slug, told)

    def _fits(self, params: dict[str, Any]) -> bool:
        return self._verdict(params) if params else not self._schema.get("required")

    # Not cached_property: its lock, held by a thread at a fork, would stop the child for ever.
    @property
    def _verdict(self) -> Callable[[Any], bool]:
        if self._made_verdict is None:
            self._made_verdict = verdict(self._schema, FORMATS) or self._validator.is_valid
        return self._made_verdict

    @property
    def _validator(self) -> Draft202012Validator:
        if self._made_validator is None:
            self._made_validator = self._new_validator()
        return self._made_validator

    def _new_validator(self) -> Draft202012Validator:
        from jsonschema import Draft202012Validator, FormatChecker

        formats = FormatChecker(formats=())
        for name, check in FORMATS.items():
            formats.checks(name)(check)
        return Draft202012Validator(self._schema, format_checker=formats)


def invalid_params(slug: str, details: list[dict[str, str]]) -> ActionError:
    """Make the `invalid_params` error of an action whose request was never sent."""
    said = "; ".join(f"{item['path']} {item['message']}".strip() for item in details)
    return ActionError("invalid_params", f"{slug} was not sent: {said}.", details=details)


def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    if not _DATE_TIME.match(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return True
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == len("2030-01-07")


FORMATS: dict[str, Callable[[object], bool]] = {"date-time": _is_date_time, "date": _is_date}
"""The formats that are enforced, the same in both validators."""
