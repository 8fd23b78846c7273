"""/v2/timezones: the cities with their time zones."""

from __future__ import annotations

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route

_AREAS = frozenset(
    {
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
        "Indian", "Pacific",
    }
)  # fmt: skip
_WITHOUT_ZONE = "Artigas Base"
"""As recorded, some stations in the Antarctic have no time zone: readers of the list meet them."""


@route("GET", "/v2/timezones")
def list_time_zones(_: Request) -> Answer:
    """One city for every IANA time zone that is named after one, ordered by time zone.

    The recorded server lists some thousand cities with their population, which the sandbox does
    not know: `pop` is 0. The last entry has no time zone.
    """
    return success(_cities())


@cache
def _cities() -> list[dict[str, Any]]:
    names = sorted(name for name in available_timezones() if name.partition("/")[0] in _AREAS)
    cities = [_entry(name.rpartition("/")[2].replace("_", " "), name) for name in names]
    return [*cities, _entry(_WITHOUT_ZONE, None)]


def _entry(city: str, time_zone: str | None) -> dict[str, Any]:
    return {"city": city, "timezone": time_zone, "pop": 0}
