"""ICS feeds: what can be connected, and the times that their events take."""

import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.seed import BUILT_IN
from tests.sandbox.conftest import Caller, Clock

ROBIN = "cal_sandbox_member"
URL, EMPTY, BROKEN = (f"https://feeds.example/{name}.ics" for name in ("team", "none", "broken"))
EVENTS = {
    "one": "DTSTART:20261216T100000Z\nDTEND:20261216T110000Z",
    "whole-day": "DTSTART;VALUE=DATE:20261218",
    "two-days": "DTSTART;VALUE=DATE:20261220\nDTEND;VALUE=DATE:20261222",
    "floating": "DTSTART:20261223T090000\nDURATION:PT30M",
    "zoned": "DTSTART;TZID=America/New_York:20261224T090000\n"
    "DTEND;TZID=America/New_York:20261224T100000",
    "cancelled": "DTSTART:20261225T100000Z\nDTEND:20261225T110000Z\nSTATUS:Cancelled",
    "transparent": "DTSTART:20261226T100000Z\nDTEND:20261226T110000Z\nTRANSP:TRANSPARENT",
    "no-length": "DTSTART:20261227T100000Z\nDTEND:20261227T100000Z",
    "daily": "DTSTART:20270104T080000Z\nDTEND:20270104T081500Z\n"
    "RRULE:FREQ=DAILY;COUNT=4\nEXDATE:20270105T080000Z",
}
MOVED = (
    "UID:daily\nRECURRENCE-ID:20270106T080000Z\nDTSTART:20270106T120000Z\nDTEND:20270106T123000Z"
)
DROPPED = (
    "UID:daily\nRECURRENCE-ID:20270107T080000Z\nDTSTART:20270107T080000Z\n"
    "DTEND:20270107T081500Z\nSTATUS:CANCELLED"
)


def ics(*events: str) -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", "X-WR-CALNAME:Team"]
    for event in events:
        lines += ["BEGIN:VEVENT", "DTSTAMP:20261101T000000Z", event, "END:VEVENT"]
    return "\n".join([*lines, "END:VCALENDAR", ""])


WORLD = {
    **BUILT_IN,
    "calendarFeeds": [
        {
            "url": URL,
            "ics": ics(*(f"UID:{uid}\n{text}" for uid, text in EVENTS.items()), MOVED, DROPPED),
        },
        {"url": BROKEN, "ics": "<html>not found</html>"},
    ],
}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def feed(call: Any) -> int:
    """The number of the credential of Sam's feed."""
    return int(save(call, URL).data["id"])


def save(call: Any, *urls: str, **options: Any) -> Any:
    return call("POST", "/v2/calendars/ics-feed/save", {"urls": [*urls]}, **options)


def busy(
    call: Any,
    feed: int,
    day: str,
    until: str | None = None,
    *,
    zone: str = "UTC",
    url: str = URL,
    key: str = "cal_sandbox_owner",
) -> Any:
    return call(
        "GET",
        f"/v2/calendars/busy-times?loggedInUsersTz={quote(zone)}&dateFrom={quote(day)}"
        f"&dateTo={quote(until or day)}&calendarsToLoad[0][credentialId]={feed}"
        f"&calendarsToLoad[0][externalId]={quote(url)}",
        key=key,
    )


def spans(told: Any) -> list[tuple[str, str]]:
    return [(one["start"][5:16], one["end"][5:16]) for one in told.data]


def test_a_feed_is_a_calendar_of_the_name_it_gives_itself(call: Any, feed: int) -> None:
    (connection,) = call("GET", "/v2/calendars").data["connectedCalendars"]
    assert connection["credentialId"] == feed
    assert (connection["primary"]["name"], connection["primary"]["externalId"]) == ("Team", URL)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "BEGIN:VEVENT\nUID:one\nEND:VEVENT\n",
        ics("UID:one\nDTSTART:soon"),
        ics("UID:one"),
        ics("UID:one\nDTSTART:20261216\nDTSTART:20261217"),
    ],
)
def test_a_text_that_cannot_be_read_is_refused_when_its_times_are_asked_for(
    clock: Clock, text: str
) -> None:
    credential = {"id": 9, "type": "google_calendar", "appId": "google-calendar", "userId": 1}
    feeds = [{"url": "sam@example.com", "ics": text}]
    world = {**WORLD, "credentials": [credential], "calendarFeeds": feeds}
    with Sandbox(now=clock, world=world) as sandbox:
        told = busy(Caller(sandbox), 9, "2026-12-16", url="sam@example.com")
    assert told.status == 400
    assert "cannot be read" in told.error["message"]


def test_a_url_that_the_world_does_not_know_is_an_empty_calendar(call: Any) -> None:
    credential_id = save(call, EMPTY).data["id"]
    (connection,) = call("GET", "/v2/calendars").data["connectedCalendars"]
    assert connection["primary"]["name"] == EMPTY
    told = busy(call, credential_id, "2026-12-01", "2027-01-31", url=EMPTY)
    assert told.data == []


def test_one_credential_holds_several_feeds(call: Any) -> None:
    save(call, URL, EMPTY)
    (connection,) = call("GET", "/v2/calendars").data["connectedCalendars"]
    assert [one["externalId"] for one in connection["calendars"]] == [URL, EMPTY]


def test_saving_a_feed_again_adds_another_credential(call: Any, feed: int) -> None:
    assert save(call, URL).data["id"] == feed + 1


def test_a_feed_is_read_only_unless_told_otherwise(call: Any) -> None:
    save(call, URL)
    call("POST", "/v2/calendars/ics-feed/save", {"urls": [EMPTY], "readOnly": False})
    connections = call("GET", "/v2/calendars").data["connectedCalendars"]
    assert [one["primary"]["readOnly"] for one in connections] == [True, False]


def test_a_feed_that_cannot_be_read_is_not_connected(call: Any) -> None:
    told = save(call, BROKEN)
    assert told.status == 400
    assert BROKEN in told.error["message"]
    assert call("GET", "/v2/calendars").data["connectedCalendars"] == []


@pytest.mark.parametrize(
    "urls",
    [
        "https://feeds.example/a.ics",
        ["webcal://feeds.example/a.ics"],
        ["https://feeds.example/a.html"],
        ["https:///a.ics"],
        ["https://[feeds/a.ics"],
        [URL, 7],
        [None],
    ],
)
def test_every_url_is_that_of_a_feed(call: Any, urls: Any) -> None:
    told = call("POST", "/v2/calendars/ics-feed/save", {"urls": urls})
    assert "IsICSUrlConstraint" in told.constraints["urls"]


def test_a_list_of_urls_is_not_empty(call: Any) -> None:
    assert save(call).constraints == {"urls": {"arrayNotEmpty": "urls should not be empty"}}


def test_a_body_that_is_a_list_is_refused(call: Any) -> None:
    assert call("POST", "/v2/calendars/ics-feed/save", [URL]).status == 400


def test_an_event_takes_its_time(call: Any, feed: int) -> None:
    assert busy(call, feed, "2026-12-16").data == [
        {
            "start": "2026-12-16T10:00:00.000Z",
            "end": "2026-12-16T11:00:00.000Z",
            "source": "ics-feed",
        }
    ]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        ("2026-12-16T10:30:00Z", "2026-12-16T10:31:00Z", 1),
        ("2026-12-16T11:00:00Z", "2026-12-16T12:00:00Z", 0),
        ("2026-12-16T09:00:00Z", "2026-12-16T10:00:00Z", 0),
        ("2026-12-24", "2026-12-10", 0),
        ("2026-12-15", "2026-12-15", 0),
    ],
)
def test_only_events_that_reach_into_the_span_are_told(
    call: Any, feed: int, start: str, end: str, count: int
) -> None:
    assert len(busy(call, feed, start, end).data) == count


def test_a_whole_day_is_one_of_the_time_zone_asked_for(call: Any, feed: int) -> None:
    assert spans(busy(call, feed, "2026-12-18", zone="America/New_York")) == [
        ("12-18T05:00", "12-19T05:00")
    ]
    assert spans(busy(call, feed, "2026-12-18", zone="Pacific/Auckland")) == [
        ("12-17T11:00", "12-18T11:00")
    ]


def test_whole_days_end_before_the_day_of_their_end(call: Any, feed: int) -> None:
    assert spans(busy(call, feed, "2026-12-20")) == [("12-20T00:00", "12-22T00:00")]
    assert spans(busy(call, feed, "2026-12-22")) == []


def test_a_time_without_a_zone_is_one_of_the_zone_asked_for(call: Any, feed: int) -> None:
    assert spans(busy(call, feed, "2026-12-23", zone="Asia/Seoul")) == [
        ("12-23T00:00", "12-23T00:30")
    ]


def test_a_time_in_a_zone_stays_in_it(call: Any, feed: int) -> None:
    assert spans(busy(call, feed, "2026-12-24", zone="Asia/Seoul")) == [
        ("12-24T14:00", "12-24T15:00")
    ]


def test_cancelled_and_transparent_events_and_those_without_length_are_free(
    call: Any, feed: int
) -> None:
    assert busy(call, feed, "2026-12-25", "2026-12-27").data == []


def test_a_series_leaves_out_and_moves_what_it_says(call: Any, feed: int) -> None:
    assert spans(busy(call, feed, "2027-01-01", "2027-01-31")) == [
        ("01-04T08:00", "01-04T08:15"),
        ("01-06T12:00", "01-06T12:30"),
    ]


def test_busy_times_of_several_calendars_are_in_the_order_of_time(call: Any, feed: int) -> None:
    target = (
        "/v2/calendars/busy-times?loggedInUsersTz=UTC&dateFrom=2026-12-16&dateTo=2026-12-18"
        + "".join(
            f"&calendarsToLoad[{place}][credentialId]={feed}"
            f"&calendarsToLoad[{place}][externalId]={URL}"
            for place in (3, 1)
        )
    )
    starts = [one["start"] for one in call("GET", target).data]
    assert len(starts) == 4
    assert starts == sorted(starts)


def test_the_feed_of_another_is_not_read(call: Any, feed: int) -> None:
    told = busy(call, feed, "2026-12-16", key=ROBIN)
    assert told.status == 401
    assert told.error["message"] == "These credentials do not belong to you"


def test_a_calendar_that_the_credential_does_not_hold_is_refused(call: Any, feed: int) -> None:
    assert busy(call, feed, "2026-12-16", url=EMPTY).status == 400


def test_a_span_of_more_than_ten_years_is_refused(call: Any, feed: int) -> None:
    assert busy(call, feed, "2026-12-16", "2036-12-15").status == 200
    assert busy(call, feed, "2026-12-16", "2037-12-16").status == 400


def test_a_day_before_the_calendar_begins_is_refused(call: Any, feed: int) -> None:
    assert busy(call, feed, "1970-01-01", zone="Asia/Seoul").status == 400


def test_an_unknown_time_zone_is_refused(call: Any, feed: int) -> None:
    assert busy(call, feed, "2026-12-16", zone="Mars/Olympus").status == 400


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("calendarsToLoad[0][credentialId]=x&calendarsToLoad[0][externalId]=y", "credentialId"),
        ("calendarsToLoad[][credentialId]=1", "externalId"),
        (
            "calendarsToLoad[][credentialId]=1&calendarsToLoad[][credentialId]=2"
            "&calendarsToLoad[][externalId]=y",
            "credentialId",
        ),
    ],
)
def test_every_calendar_to_load_is_checked(call: Any, query: str, wrong: str) -> None:
    told = call(
        "GET",
        "/v2/calendars/busy-times?loggedInUsersTz=UTC&dateFrom=2026-12-16&dateTo=2026-12-16&"
        + query,
    )
    (error,) = told.error["details"]["errors"]
    assert [one["property"] for one in error["children"][0]["children"]] == [wrong]


def test_text_instead_of_calendars_is_refused(call: Any) -> None:
    told = call(
        "GET",
        "/v2/calendars/busy-times?loggedInUsersTz=UTC&dateFrom=2026-12-16&dateTo=2026-12-16"
        "&calendarsToLoad=x",
    )
    assert set(told.constraints["calendarsToLoad"]) == {"isArray", "nestedValidation"}


def test_an_account_has_the_events_that_the_world_gives_it(clock: Clock) -> None:
    google = {"id": 9, "type": "google_calendar", "appId": "google-calendar", "userId": 1}
    feeds = [{"url": "sam@example.com", "ics": ics(f"UID:one\n{EVENTS['one']}")}]
    world = {**WORLD, "credentials": [google], "calendarFeeds": feeds}
    with Sandbox(now=clock, world=world) as sandbox:
        told = busy(Caller(sandbox), 9, "2026-12-16", url="sam@example.com")
    assert [one["source"] for one in told.data] == ["google-calendar"]


def test_without_the_libraries_a_feed_is_refused_with_the_way_to_get_them(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    url = "https://feeds.example/unread.ics"
    world = {**WORLD, "calendarFeeds": [{"url": url, "ics": ics("UID:unread\nSUMMARY:x")}]}
    with Sandbox(now=clock, world=world) as sandbox:
        told = save(Caller(sandbox), url)
    assert told.status == 501
    assert "pip install 'cal-actions[sandbox]'" in told.error["message"]


def test_only_selected_calendars_make_their_owner_busy(call: Any, feed: int) -> None:
    def offered() -> list[str]:
        target = "/v2/slots?eventTypeId=1&start=2026-12-16&end=2026-12-16"
        days = call("GET", target, key=None, version="2024-09-04").data
        return [slot["start"][11:16] for slot in days["2026-12-16"]]

    before = offered()
    selected = {"integration": "ics-feed_calendar", "externalId": URL, "credentialId": feed}
    assert call("POST", "/v2/selected-calendars", selected).status == 201
    after = offered()
    assert [one for one in before if one not in after] == ["10:00", "10:30"]
