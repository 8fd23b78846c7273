"""Envelope: the answer of every call, `{data, error, successful}`."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from cal_actions.errors import ActionError

_SECRETS = r"""(?ix)
    (['"](?:secret|password|calApiKey|(?:access|refresh)_?token)['"]:\s*)
    (?: '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" )
    | ([?&](?:state|code)=) [^&'"\s]+
"""


class Envelope(BaseModel):
    """What an action answered.

    On success `data` is what Cal.com answered, its own wrapper taken off, and `error` is
    None. On failure `error` is one sentence that says what to change, and `data` holds
    `code`, `retryable` and, where known, `http_status`, `retry_after` (seconds), `details`
    (a list of `{path, message}`), `request_id` and `outcome_unknown` (a write was sent and
    no answer came). Reads as attributes or like a dict.
    """

    # Built at its first validation or dump: a call needs neither, and it costs a fifth of httpx.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    data: Any
    error: str | None = None
    successful: bool

    @classmethod
    def success(cls, data: Any) -> Self:
        """Make the envelope of an action that succeeded."""
        return cls.model_construct(data=data, error=None, successful=True)

    @classmethod
    def failure(cls, problem: ActionError) -> Self:
        """Make the envelope of an action that failed."""
        return cls.model_construct(data=problem.data(), error=problem.message, successful=False)

    def raise_for_error(self) -> Self:
        """Return the envelope itself, or raise ActionError when the action failed."""
        if self.successful:
            return self
        facts = dict(self.data)
        raise ActionError(
            facts.pop("code"),
            self.error or "",
            retryable=facts.pop("retryable", False),
            **facts,
        )

    def keys(self) -> tuple[str, ...]:
        """Return the three keys, so that `dict(envelope)` is the plain answer."""
        return ("data", "error", "successful")

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of `key`, or `default` when it is none of the three keys."""
        return getattr(self, key) if key in self.keys() else default

    def __getitem__(self, key: str) -> Any:
        if key not in self.keys():
            raise KeyError(key)
        return getattr(self, key)

    def __contains__(self, key: object) -> bool:
        return key in self.keys()

    def __repr__(self) -> str:
        return re.sub(_SECRETS, _masked, super().__repr__())

    __str__ = __repr__


def _masked(found: re.Match[str]) -> str:
    return f"{found[1]}'***'" if found[1] else f"{found[2]}***"
