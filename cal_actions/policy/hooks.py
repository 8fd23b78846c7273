"""The functions that are called about a call: before it is checked, and after it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import partial
from traceback import format_tb
from typing import Any, TypeAlias

from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError
from cal_actions.observe import logger
from cal_actions.spec import copied
from cal_actions.wire import Run

_Params: TypeAlias = Mapping[str, Any] | None
_Answer: TypeAlias = Envelope | None
Before: TypeAlias = Callable[[str, dict[str, Any]], _Params | Awaitable[_Params]]
After: TypeAlias = Callable[[str, dict[str, Any], Envelope], _Answer | Awaitable[_Answer]]
Asking: TypeAlias = Generator[Run, Any, Any]


def called(name: str, function: Callable[[], Any]) -> Asking:
    """Call a function before anything is sent; raises ActionError where it fails."""
    try:
        return (yield Run(function))
    except ActionError:
        raise
    except Exception as problem:
        raise ActionError("refused", f"{_failed(name, problem)}, so nothing was sent.") from None


def changed_by(before: Before, slug: str, params: dict[str, Any]) -> Asking:
    """Return the params as `before` would have them. Raises ActionError where it fails."""
    changed = yield from called("before", partial(before, slug, params))
    if changed is None:
        return params
    if isinstance(changed, Mapping):
        return dict(changed)
    kind = type(changed).__name__
    message = f"The connector's before= must return params or None, not {kind}; nothing was sent."
    raise ActionError("refused", message)


def reviewed(after: After, slug: str, params: dict[str, Any], envelope: Envelope) -> Asking:
    """Return the envelope as `after` would have it; where it fails, one without the answer."""
    try:
        # A copy, which it may change in place: what Cal.com told is still counted.
        own = envelope.model_copy(update={"data": copied(envelope.data)})
        changed = yield Run(partial(after, slug, copied(params), own))
        shown = own if changed is None else changed
        if isinstance(shown, Envelope):
            json.dumps(shown.data, default=str)  # else no one could be told
    except ActionError as problem:
        return _instead(problem.message.rstrip("."), envelope)
    except Exception as problem:
        return _instead(f"{_failed('after', problem)}, so the answer is withheld", envelope)
    if not isinstance(shown, Envelope):
        kind = type(shown).__name__
        why = f"The connector's after= must return an Envelope or None, not {kind}"
        return _instead(f"{why}, so the answer is withheld", envelope)
    return shown if shown.successful else _whole(shown)


def _whole(failure: Envelope) -> Envelope:
    """Give a failure what every failure has: `error`, `code` and `retryable`."""
    facts = failure.data if isinstance(failure.data, dict) else {}
    data = {"code": "refused", "retryable": False, **facts}
    return failure.model_copy(update={"data": data, "error": failure.error or "It was withheld."})


def _instead(why: str, envelope: Envelope) -> Envelope:
    """Refuse the answer, and keep what became of the action itself."""
    unknown = not envelope.successful and envelope.data.get("outcome_unknown")
    done = "succeeded" if envelope.successful else "may have taken effect" if unknown else "failed"
    facts = {"outcome_unknown": True} if unknown else {}
    return Envelope.failure(ActionError("refused", f"{why}; the action itself {done}.", **facts))


def _failed(name: str, problem: Exception) -> str:
    # Its words stay out: they may quote the params.
    frames = "".join(format_tb(problem.__traceback__))
    logger.error("%s= of the connector raised %s\n%s", name, type(problem).__name__, frames)
    return f"The connector's {name}= failed ({type(problem).__name__})"
