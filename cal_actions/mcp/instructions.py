"""Instructions: what a model is told once, beside the tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cal_actions.mcp.finder import DESCRIBE, EXECUTE, FIND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cal_actions import Catalog

_ME = "CAL_RETRIEVE_MY_INFORMATION"
_SLOTS = "CAL_GET_AVAILABLE_SLOTS_INFO"
_BOOK = "CAL_POST_NEW_BOOKING_REQUEST"
_RESCHEDULE = "CAL_RESCHEDULE_BOOKING_BY_UID"


def instructions(actions: Catalog, *, search: bool) -> str:
    """Write the instructions for these actions; none is named that is not among them."""
    return " ".join(_sentences(actions, search=search))


def _sentences(actions: Catalog, *, search: bool) -> Iterator[str]:
    yield "Acts on Cal.com, the scheduling service."
    if search:
        yield (
            f"Find an action with {FIND}, read what it takes with {DESCRIBE}, then call {EXECUTE};"
            " names in capitals are actions."
        )
    yield (
        "Each answer has data, error and successful. On failure error says what to change; where"
        " data has outcome_unknown, look whether the write took effect before you send it again."
    )
    yield "Take ids from the actions that list things; never guess one."
    if _ME in actions:
        yield f"Times are ISO 8601; tell them in the user's time zone, which {_ME} knows."
    else:
        yield "Times are ISO 8601."
    if _SLOTS in actions and _BOOK in actions:
        yield f"Book only at times that {_SLOTS} gives."
    if _RESCHEDULE in actions:
        yield "Rescheduling gives a booking a new uid."
    if any(spec.effect == "destructive" for spec in actions.values()):
        yield (
            "What is cancelled or deleted cannot be brought back: do it only where the user asks"
            " for it."
        )
