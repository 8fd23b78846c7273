"""Asking someone before a call is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from cal_actions.errors import ActionError
from cal_actions.policy.hooks import called
from cal_actions.spec import copied

if TYPE_CHECKING:
    from cal_actions.spec import ActionSpec, Effect
    from cal_actions.wire import Run

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


Approve: TypeAlias = Callable[[Proposal], bool | str | Awaitable[bool | str]]


def ensure_approved(
    approve: Approve, spec: ActionSpec, params: dict[str, Any]
) -> Generator[Run, Any, None]:
    """Raise ActionError `refused` unless `approve` answers True."""
    proposal = Proposal(spec.slug, copied(params), spec.effect, summary(spec, params))
    answer = yield from called("approve", partial(approve, proposal))
    if answer is True:
        return
    words = answer.split() if isinstance(answer, str) else ()
    reason = f" ({' '.join(words)})" if words else ""
    raise ActionError(
        "refused",
        f"{spec.slug} was not approved{reason}: nothing was sent. Do not send it again unless the"
        " user asks for it.",
    )


def summary(spec: ActionSpec, params: Mapping[str, Any]) -> str:
    """Say in one line what a call would do: title, effect, params, the required ones first.

    Characters that would not print, or turn the direction of the text, are escaped.
    """
    required = spec.input.get("required", ())
    names = sorted(params, key=lambda name: name not in required)
    told = ", ".join(f"{name}={_shown(spec, name, params[name])}" for name in names)
    return _cut(f"{spec.title} ({spec.effect}){f': {told}' if told else ''}", _LONGEST_SUMMARY)


def _shown(spec: ActionSpec, name: str, value: Any) -> str:
    if spec.input["properties"].get(name, {}).get("format") == "password":
        return "***"
    try:
        return _cut(repr(value), _LONGEST_VALUE)
    except ValueError:  # an integer of more digits than Python writes
        return "(too long to show)"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
