"""Envelope → what a model reads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cal_actions.envelope import Envelope


def as_text(envelope: Envelope) -> str:
    """Return the envelope as compact JSON, which can always be sent as UTF-8."""
    return _json(dict(envelope))


def as_object(envelope: Envelope) -> dict[str, Any]:
    """Return `{"output": data}` or `{"error": {"message": …, "code": …, …}}`."""
    if envelope.successful:
        answer = {"output": envelope.data}
    else:
        answer = {"error": {"message": envelope.error, **envelope.data}}
    plain: dict[str, Any] = json.loads(_json(answer))
    return plain


def _json(value: Any) -> str:
    # A hook may have put what JSON has not, such as a date, into an answer.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate, as in half of an emoji
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
