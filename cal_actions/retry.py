"""Whether a request is sent again, and after which pause. Pure: no clock, no sleep, no chance.

A read is sent again after everything that may pass: a rate limit, a 5xx, a lost or late answer.
A write is sent again only where Cal.com surely did nothing: a rate limit, or a request that
never arrived as a whole. Nothing else may book twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cal_actions.errors import ActionError

PASSING = {"rate_limited", "upstream_error", "timeout", "network_error"}


class Attempt(NamedTuple):
    """A request that failed.

    `number` counts from 1. `sent` is false when it surely never reached Cal.com as a whole,
    `lasting` true for a fault that sending again cannot mend.
    """

    problem: ActionError
    reads: bool
    number: int
    sent: bool = True
    lasting: bool = False


class Retry(NamedTuple):
    """How often a request is sent in all, and how long the pauses between are, in seconds.

    The pause doubles from `first` to at most `longest`; half of it is left to chance, so that
    callers that failed together do not come back together.
    """

    attempts: int = 4
    first: float = 0.5
    longest: float = 8.0

    def pause(self, failed: Attempt, chance: float) -> float | None:
        """Return the seconds to wait before sending again, or None to give up.

        `chance` is a number from 0 to 1. After a rate limit that says how long it lasts, that
        is the pause, with a little of `chance` on top.
        """
        if failed.number >= self.attempts or not _is_safe(failed):
            return None
        told: float | None = failed.problem.facts.get("retry_after")
        if told:
            return told + chance * min(self.first, told)
        backoff = min(self.longest, self.first * 2.0 ** (failed.number - 1))
        return backoff * (1 + chance) / 2


def _is_safe(failed: Attempt) -> bool:
    if failed.lasting or failed.problem.code not in PASSING:
        return False
    return failed.reads or not failed.sent or failed.problem.code == "rate_limited"
