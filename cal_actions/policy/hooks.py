"""The functions that a connector asks about a call: before it, for approval, after it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from functools import partial
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
    return params if changed is None else changed


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
    reason = f" ({' '.join(answer.split())})" if isinstance(answer, str) and answer else ""
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
        return Envelope.failure(problem)
    except Exception as problem:
        return _withheld(problem, envelope)
    if changed is None or isinstance(changed, Envelope):
        return changed or envelope
    return _withheld(TypeError(f"not an Envelope or None: {type(changed).__name__}"), envelope)


def summary(spec: ActionSpec, params: Mapping[str, Any]) -> str:
    """Say in one line what a call would do: title, effect, params.

    Characters that would not print, or turn the direction of the text, are escaped.
    """
    properties = spec.input["properties"]
    told = []
    for name, value in params.items():
        secret = properties.get(name, {}).get("format") == "password"
        told.append(f"{name}={'***' if secret else _cut(repr(value), _LONGEST_VALUE)}")
    with_params = f": {', '.join(told)}" if told else ""
    return _cut(f"{spec.title} ({spec.effect}){with_params}", _LONGEST_SUMMARY)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _withheld(problem: Exception, envelope: Envelope) -> Envelope:
    done = "succeeded" if envelope.successful else "failed"
    outcome = f"the answer is withheld; the action itself {done}"
    return Envelope.failure(_failed("after", problem, outcome))


def _failed(name: str, problem: Exception, outcome: str) -> ActionError:
    logger.error("%s= of the connector raised", name, exc_info=problem)
    return ActionError(
        "refused", f"The connector's {name}= failed ({type(problem).__name__}), so {outcome}."
    )
