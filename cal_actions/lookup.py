"""Which action shows whether a write took effect, for when its answer is lost."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cal_actions.catalog import Catalog
    from cal_actions.spec import ActionSpec


def look_up_with(actions: Catalog, spec: ActionSpec) -> str | None:
    """Return the slug of the action that shows what `spec` would have changed, None if none does.

    The action's file may name it (`lookup`); else it is the read of the same path, or of the
    longest beginning of it: after `POST /v2/bookings/{bookingUid}/cancel` the booking, after
    `POST /v2/bookings` the list of them.
    """
    if spec.lookup is not None:
        return spec.lookup if spec.lookup in actions else None
    reads = {
        _shape(one.path): one.slug
        for one in actions.values()
        if one.effect == "read" and one.flow is None
    }
    path = _shape(spec.path)
    while path.count("/") > 1:
        if path in reads:
            return reads[path]
        path = path.rpartition("/")[0]
    return None


def _shape(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)
