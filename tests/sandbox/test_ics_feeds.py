"""ICS feeds: what stands at a feed's URL is part of the world, and makes its owner busy."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.calendar_world import FEED, WORLD, ics
from tests.sandbox.conftest import KIM, Caller, Clock, Told

TEN = "DTSTART:20261201T100000Z\nDTEND:20261201T110000Z"


@contextmanager
def caller(clock: Clock, *events: str) -> Iterator[Caller]:
    """Sam, in a world where these events stand at the feed's URL."""
    feeds = [{"url": FEED, "ics": ics(*events)}]
    with Sandbox(now=clock, world={**WORLD, "calendarFeeds": feeds}) as sandbox:
        yield Caller(sandbox)


def save(call: Caller, *urls: str) -> int:
    told = call("POST", "/v2/calendars/ics-feed/save", {"urls": urls or [FEED]})
    assert told.status == 201
    return int(told.data["id"])


def busy(
    call: Caller, credential_id: int, day: str = "2026-12-01", zone: str = "UTC", **change: str
) -> Told:
    query = {
        "loggedInUsersTz": zone,
        "dateFrom": day,
        "dateTo": day,
        "calendarsToLoad[0][credentialId]": str(credential_id),
        "calendarsToLoad[0][externalId]": FEED,
        **change,
    }
    return call("GET", f"/v2/calendars/busy-times?{urlencode(query)}")


def starts(told: Told) -> list[str]:
    return [one["start"][:16] for one in told.data]


def select(call: Caller, credential_id: int) -> None:
    body = {"integration": "ics-feed_calendar", "externalId": FEED, "credentialId": credential_id}
    assert call("POST", "/v2/selected-calendars", body).status == 201


def free(call: Caller, day: str = "2026-12-01") -> set[str]:
    """The times of day at which Sam can be booked for half an hour."""
    target = f"/v2/slots?eventTypeId=1&start={day}&end={day}"
    days: dict[str, list[dict[str, Any]]] = call("GET", target, version="2024-09-04").data
    return {slot["start"][11:16] for slots in days.values() for slot in slots}


def test_a_feed_has_the_name_it_gives_itself(clock: Clock) -> None:
    with caller(clock) as call:
        save(call)
        (connected,) = call("GET", "/v2/calendars").data["connectedCalendars"]
    assert connected["primary"]["name"] == "Team"


def test_a_feed_that_the_world_does_not_know_is_empty(clock: Clock) -> None:
    with caller(clock, TEN) as call:
        other = "http://127.0.0.1:8099/other.ics"
        credential_id = save(call, other)
        told = busy(call, credential_id, **{"calendarsToLoad[0][externalId]": other})
    assert told.data == []


@pytest.mark.parametrize("urls", [["x"], ["http://example.com/a.txt"], [1], "http://x/a.ics", []])
def test_a_feed_needs_the_url_of_a_calendar(clock: Clock, urls: Any) -> None:
    with caller(clock) as call:
        assert call("POST", "/v2/calendars/ics-feed/save", {"urls": urls}).status == 400
        assert call("GET", "/v2/calendars/ics-feed/check").status == 400


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([TEN], ["2026-12-01T10:00"]),
        ([f"{TEN}\nSTATUS:CANCELLED"], []),
        ([f"{TEN}\nTRANSP:TRANSPARENT"], []),
        (["DTSTART:20261130T100000Z\nDTEND:20261130T110000Z"], []),
        (["DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261202"], ["2026-12-01T00:00"]),
        (["DTSTART:20261201T120000Z\nDTEND:20261201T130000Z", TEN],
         ["2026-12-01T10:00", "2026-12-01T12:00"]),
        (["DTSTART:20261103T100000Z\nDTEND:20261103T110000Z\nRRULE:FREQ=WEEKLY"],
         ["2026-12-01T10:00"]),
        (["DTSTART:20261103T100000Z\nDTEND:20261103T110000Z\nRRULE:FREQ=WEEKLY\n"
          "EXDATE:20261201T100000Z"], []),
        (["DTSTART;TZID=America/New_York:20261201T100000\n"
          "DTEND;TZID=America/New_York:20261201T110000"], ["2026-12-01T15:00"]),
    ],
)  # fmt: skip
def test_events_take_the_time_they_say(
    clock: Clock, events: Sequence[str], expected: list[str]
) -> None:
    with caller(clock, *events) as call:
        assert starts(busy(call, save(call))) == expected


def test_a_whole_day_is_one_of_the_zone_asked_for(clock: Clock) -> None:
    with caller(clock, "DTSTART;VALUE=DATE:20261201\nDTEND;VALUE=DATE:20261202") as call:
        told = busy(call, save(call), zone="Asia/Tokyo")
    assert [(one["start"][:16], one["end"][:16]) for one in told.data] == [
        ("2026-11-30T15:00", "2026-12-01T15:00")
    ]


def test_the_feed_of_another_is_not_read(clock: Clock) -> None:
    with caller(clock, TEN) as call:
        credential_id = save(call)
        query = {
            "loggedInUsersTz": "UTC", "dateFrom": "2026-12-01", "dateTo": "2026-12-02",
            "calendarsToLoad[0][credentialId]": str(credential_id),
            "calendarsToLoad[0][externalId]": FEED,
        }  # fmt: skip
        told = call("GET", f"/v2/calendars/busy-times?{urlencode(query)}", key=KIM)
    assert told.status == 401


def test_a_zone_that_does_not_exist_is_refused(clock: Clock) -> None:
    with caller(clock, TEN) as call:
        assert busy(call, save(call), zone="Mars/Olympus").status == 400


def test_a_feed_blocks_slots_only_where_it_is_selected(clock: Clock) -> None:
    with caller(clock, TEN) as call:
        credential_id = save(call)
        assert "10:00" in free(call)
        select(call, credential_id)
        assert free(call) & {"09:30", "10:00", "10:30", "11:00"} == {"09:30", "11:00"}


def test_a_selected_feed_refuses_bookings(clock: Clock) -> None:
    body = {
        "start": "2026-12-01T10:30:00Z",
        "eventTypeId": 1,
        "attendee": {"name": "Ann", "email": "ann@example.com", "timeZone": "UTC"},
    }
    with caller(clock, TEN) as call:
        select(call, save(call))
        assert call("POST", "/v2/bookings", body, version="2024-08-13").status == 400


def test_a_text_that_is_no_calendar_is_told(clock: Clock) -> None:
    feeds = [{"url": FEED, "ics": "BEGIN:VCALENDAR\r\nnonsense"}]
    with Sandbox(now=clock, world={**WORLD, "calendarFeeds": feeds}) as sandbox:
        call = Caller(sandbox)
        told = call("POST", "/v2/calendars/ics-feed/save", {"urls": [FEED]})
        told = busy(call, told.data["id"]) if told.status == 201 else told
    assert told.status == 400
    assert FEED in told.error["message"]


def test_without_its_libraries_the_sandbox_says_what_to_install(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with caller(clock, f"{TEN}\nSUMMARY:never parsed before") as call:
        told = call("POST", "/v2/calendars/ics-feed/save", {"urls": [FEED]})
        told = busy(call, told.data["id"]) if told.status == 201 else told
    assert told.status == 501
    assert "pip install 'cal-actions[sandbox]'" in told.error["message"]
