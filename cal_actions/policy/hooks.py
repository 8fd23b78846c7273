"""The functions that a connector asks about a call: before it, for approval, after it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import partial
from traceback import format_tb
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from cal_actions.envelope import Envelope
from cal_actions.errors import ActionError
from cal_actions.observe import logger
from cal_actions.spec import copied
from cal_actions.wire import Run

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec, Effect

_LONGEST_SUMMARY = 300
_LONGEST_VALUE = 80


class Proposal(NamedTuple):
    """A call that waits for approval; nothing was sent.

    `params` are checked, and a copy; `summary` says in one line what would happen, without
    secrets.
    """

    slug: str
    params: dict[str, Any]
    effect: Effect
    summary: str

    def __repr__(self) -> str:
        return f"<Proposal {self.slug}: {self.summary}>"


Approve: TypeAlias = Callable[[Proposal], Any]
Before: TypeAlias = Callable[[str, dict[str, Any]], Any]
After: TypeAlias = Callable[[str, dict[str, Any], Envelope], Any]
Asking: TypeAlias = Generator[Run, Any, Any]


def changed_by(before: Before, slug: str, params: dict[str, Any]) -> Asking:
    """Return the params as `before` would have them. Raises ActionError where it fails."""
    try:
        changed = yield Run(partial(before, slug, params))
    except ActionError:
        raise
    except Exception as problem:
        raise _failed("before", problem, "nothing was sent") from None
    if changed is None or isinstance(changed, Mapping):
        return params if changed is None else dict(changed)
    kind = type(changed).__name__
    raise _failed("before", TypeError(f"not params or None: {kind}"), "nothing was sent")


def ensure_approved(approve: Approve, spec: ActionSpec, params: dict[str, Any]) -> Asking:
    """Raise ActionError `refused` unless `approve` answers True."""
    proposal = Proposal(spec.slug, copied(params), spec.effect, summary(spec, params))
    try:
        answer = yield Run(partial(approve, proposal))
    except ActionError:
        raise
    except Exception as problem:
        raise _failed("approve", problem, "nothing was sent") from None
    if answer is True:
        return
    words = answer.split() if isinstance(answer, str) else ()
    reason = f" ({' '.join(words)})" if words else ""
    raise ActionError(
        "refused",
        f"{spec.slug} was not approved{reason}: nothing was sent. Do not send it again unless the"
        " user asks for it.",
    )


def reviewed(after: After, slug: str, params: dict[str, Any], envelope: Envelope) -> Asking:
    """Return the envelope as `after` would have it; where it fails, one without the answer."""
    try:
        changed = yield Run(partial(after, slug, copied(params), envelope))
    except ActionError as problem:
        return _instead(problem.message.rstrip("."), envelope)
    except Exception as problem:
        return _withheld(problem, envelope)
    if changed is None:
        return envelope
    if isinstance(changed, Envelope):
        return changed if changed.successful else _whole(changed)
    return _withheld(TypeError("not an Envelope or None"), envelope)


def summary(spec: ActionSpec, params: Mapping[str, Any]) -> str:
    """Say in one line what a call would do: title, effect, params.

    Characters that would not print, or turn the direction of the text, are escaped.
    """
    properties = spec.input["properties"]
    told = []
    required = spec.input.get("required", ())
    for name in sorted(params, key=lambda name: name not in required):
        value = params[name]
        secret = properties.get(name, {}).get("format") == "password"
        told.append(f"{name}={'***' if secret else _cut(repr(value), _LONGEST_VALUE)}")
    with_params = f": {', '.join(told)}" if told else ""
    return _cut(f"{spec.title} ({spec.effect}){with_params}", _LONGEST_SUMMARY)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _whole(failure: Envelope) -> Envelope:
    """Give a failure what every failure has: `error`, `code` and `retryable`."""
    facts = failure.data if isinstance(failure.data, dict) else {}
    data = {"code": "refused", "retryable": False, **facts}
    return failure.model_copy(update={"data": data, "error": failure.error or "It was withheld."})


def _withheld(problem: Exception, envelope: Envelope) -> Envelope:
    _log("after", problem)
    why = f"The connector's after= failed ({type(problem).__name__}), so the answer is withheld"
    return _instead(why, envelope)


def _instead(why: str, envelope: Envelope) -> Envelope:
    """Refuse the answer, and keep what became of the action itself."""
    unknown = not envelope.successful and envelope.data.get("outcome_unknown")
    done = "succeeded" if envelope.successful else "may have taken effect" if unknown else "failed"
    facts = {"outcome_unknown": True} if unknown else {}
    return Envelope.failure(ActionError("refused", f"{why}; the action itself {done}.", **facts))


def _failed(name: str, problem: Exception, outcome: str) -> ActionError:
    _log(name, problem)
    return ActionError(
        "refused", f"The connector's {name}= failed ({type(problem).__name__}), so {outcome}."
    )


def _log(name: str, problem: Exception) -> None:
    # Without its words: they may quote the params.
    frames = "".join(format_tb(problem.__traceback__))
    logger.error("%s= of the connector raised %s\n%s", name, type(problem).__name__, frames)
