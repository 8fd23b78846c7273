"""GET /v2/calendars/busy-times: when events in connected calendars take time."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cal_actions.sandbox import refusals
from cal_actions.sandbox.calendars.connections import Connection, connections_of
from cal_actions.sandbox.calendars.feeds import feed_busy
from cal_actions.sandbox.checks import Field, check, number
from cal_actions.sandbox.exchange import Answer, Query, Request, success, timestamp
from cal_actions.sandbox.moments import is_date_string, moment_at, read_moment, seconds
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import is_array, is_int, is_string, is_time_zone

_QUERY = (
    Field("loggedInUsersTz", (is_string(),)),
    Field("dateFrom", (is_date_string(), is_string())),
    Field("dateTo", (is_date_string(), is_string())),
    Field(
        "calendarsToLoad",
        (is_array(),),
        nested=(Field("credentialId", (is_int(),)), Field("externalId", (is_string(),))),
        each=True,
    ),
)
_OBJECT = re.compile(r"calendarsToLoad\[(?P<place>[0-9]{0,9})\]\[(?P<word>\w+)\]")

# An event that is repeated for ever has millions of times until the calendar ends.
_LONGEST_SPAN = int(timedelta(days=3660).total_seconds())


@route("GET", "/v2/calendars/busy-times")
def busy_times(request: Request) -> Answer:
    """The events of the named calendars in a span, in the order of time.

    A date alone stands for the whole day in the caller's time zone. As recorded a credential that
    is not the caller's is answered 401.
    """
    asked = check(_read(request.query), _QUERY)
    if not is_time_zone().holds(asked["loggedInUsersTz"]):
        raise refusals.bad_request(f"Unknown time zone {asked['loggedInUsersTz']}")
    zone = ZoneInfo(asked["loggedInUsersTz"])
    start = _instant(asked["dateFrom"], zone)
    end = _instant(asked["dateTo"], zone, is_end=True)
    if end - start > _LONGEST_SPAN:
        raise refusals.bad_request("dateFrom and dateTo are more than ten years apart")
    connections = {one.credential.id: one for one in connections_of(request.store, request.user)}
    found: list[tuple[int, int, str]] = []
    for one in asked["calendarsToLoad"]:
        connection = connections.get(one["credentialId"])
        source, url = _calendar(connection, one["externalId"])
        busy = feed_busy(request.store, url, start, end, zone)
        found.extend((first, last, source) for first, last in busy)
    return success([_view(*one) for one in sorted(found)])


def _read(query: Query) -> dict[str, Any]:
    """The query with `calendarsToLoad[0][externalId]=…` as objects; `[]` counts as `[0]`."""
    objects: dict[int, dict[str, Any]] = {}
    for name, value in query.items():
        match = _OBJECT.fullmatch(name)
        if match is not None:
            words = objects.setdefault(int(match["place"] or 0), {})
            words[match["word"]] = number(value) if match["word"] == "credentialId" else value
    if not objects:
        return dict(query)
    return {**query, "calendarsToLoad": [objects[place] for place in sorted(objects)]}


def _instant(text: str, zone: ZoneInfo, *, is_end: bool = False) -> int:
    """The instant that a text means in a zone; with `is_end` a date alone means its day's end."""
    day = _day(text)
    if is_end and day is not None:
        text = (day + timedelta(days=1)).isoformat()
    moment = read_moment(text, zone)
    if moment is None:
        raise refusals.bad_request(f"{text} is outside the calendar")
    return seconds(moment)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _calendar(connection: Connection | None, external_id: str) -> tuple[str, str]:
    if connection is None:
        raise refusals.unauthorized("These credentials do not belong to you")
    if connection.calendar(external_id) is None:
        raise refusals.bad_request(
            f"Calendar {external_id} cannot be read with credentialId {connection.credential.id}"
        )
    return connection.provider.app_id, external_id


def _view(start: int, end: int, source: str) -> dict[str, Any]:
    return {
        "start": timestamp(moment_at(start)),
        "end": timestamp(moment_at(end)),
        "source": source,
    }
