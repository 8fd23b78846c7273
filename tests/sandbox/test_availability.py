"""When a host is free, and which slots follow."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from cal_actions.sandbox.availability.limits import Allowance, cut_to_rolling_window, window_span
from cal_actions.sandbox.availability.spans import (
    DAY,
    MINUTE,
    Busy,
    Grid,
    Hours,
    Span,
    blocked_spans,
    fits,
    merged,
    open_spans,
    shared,
    slot_starts,
    subtract,
)

WEEKDAYS = {day: [(540, 1020)] for day in range(5)}


def at(text: str) -> int:
    """The instant of an ISO text; UTC where it names no offset."""
    moment = datetime.fromisoformat(text)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def every_day(*hours: Span) -> dict[int, list[Span]]:
    return {day: [*hours] for day in range(7)}


def text(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%m-%d %H:%M")


def texts(spans: list[Span]) -> list[str]:
    return [f"{text(start)} to {text(end)}" for start, end in spans]


def opening(hours: Hours, start: str, end: str) -> list[str]:
    return texts(open_spans(hours, at(start), at(end)))


def starts(free: list[Span], grid: Grid, zone: str = "UTC") -> list[str]:
    return [text(start) for start in slot_starts(free, grid, ZoneInfo(zone))]


class TestOpeningHours:
    def test_weekly_hours_open_on_their_weekdays_only(self) -> None:
        assert opening(Hours("UTC", WEEKDAYS), "2026-12-04", "2026-12-08") == [
            "12-04 09:00 to 12-04 17:00",
            "12-07 09:00 to 12-07 17:00",
        ]

    def test_hours_are_those_of_the_schedules_own_time_zone(self) -> None:
        hours = Hours("Asia/Kolkata", WEEKDAYS)
        assert opening(hours, "2026-12-07", "2026-12-08") == ["12-07 03:30 to 12-07 11:30"]

    def test_hours_are_cut_at_the_ends_of_the_question(self) -> None:
        hours = Hours("UTC", WEEKDAYS)
        assert opening(hours, "2026-12-07T10:10", "2026-12-07T11:00") == [
            "12-07 10:10 to 12-07 11:00"
        ]

    def test_the_morning_of_a_host_far_to_the_east_begins_on_the_day_before(self) -> None:
        hours = Hours("Pacific/Auckland", {0: [(540, 600)]})
        assert opening(hours, "2026-12-05", "2026-12-08") == ["12-06 20:00 to 12-06 21:00"]

    def test_an_override_replaces_the_hours_of_its_date(self) -> None:
        hours = Hours("UTC", WEEKDAYS, {date(2026, 12, 7): [(600, 660)]})
        assert opening(hours, "2026-12-07", "2026-12-08") == ["12-07 10:00 to 12-07 11:00"]

    def test_an_override_opens_a_day_that_is_closed_in_the_week(self) -> None:
        hours = Hours("UTC", WEEKDAYS, {date(2026, 12, 6): [(600, 660)]})
        assert opening(hours, "2026-12-06", "2026-12-07") == ["12-06 10:00 to 12-06 11:00"]

    def test_an_empty_override_closes_its_date(self) -> None:
        hours = Hours("UTC", WEEKDAYS, {date(2026, 12, 7): []})
        assert opening(hours, "2026-12-07", "2026-12-08") == []

    def test_hours_that_touch_are_one_span(self) -> None:
        hours = Hours("UTC", {0: [(540, 720), (720, 780)]})
        assert opening(hours, "2026-12-07", "2026-12-08") == ["12-07 09:00 to 12-07 13:00"]

    def test_closing_a_minute_before_midnight_reaches_the_next_day(self) -> None:
        hours = Hours("UTC", every_day((0, 1439)))
        assert opening(hours, "2026-12-07", "2026-12-09") == ["12-07 00:00 to 12-09 00:00"]


class TestClockChanges:
    """New York: 2026-03-08 02:00 skips to 03:00, 2026-11-01 02:00 falls back to 01:00."""

    def test_the_same_local_hours_move_in_utc_when_the_clocks_change(self) -> None:
        hours = Hours("Europe/London", every_day((540, 600)))
        assert opening(hours, "2026-03-28", "2026-03-30") == [
            "03-28 09:00 to 03-28 10:00",
            "03-29 08:00 to 03-29 09:00",
        ]

    def test_hours_across_the_skipped_hour_lose_that_hour(self) -> None:
        hours = Hours("America/New_York", {6: [(60, 300)]})
        assert opening(hours, "2026-03-08", "2026-03-09") == ["03-08 06:00 to 03-08 09:00"]

    def test_hours_inside_the_skipped_hour_never_open(self) -> None:
        hours = Hours("America/New_York", {6: [(120, 180)]})
        assert opening(hours, "2026-03-08", "2026-03-09") == []

    def test_hours_that_begin_in_the_skipped_hour_begin_after_it(self) -> None:
        hours = Hours("America/New_York", {6: [(150, 240)]})
        assert opening(hours, "2026-03-08", "2026-03-09") == ["03-08 07:00 to 03-08 08:00"]

    def test_hours_that_end_in_the_skipped_hour_end_before_it(self) -> None:
        hours = Hours("America/New_York", {6: [(60, 150)]})
        assert opening(hours, "2026-03-08", "2026-03-09") == ["03-08 06:00 to 03-08 07:00"]

    def test_hours_across_the_repeated_hour_gain_an_hour(self) -> None:
        hours = Hours("America/New_York", {6: [(0, 180)]})
        assert opening(hours, "2026-11-01", "2026-11-02") == ["11-01 04:00 to 11-01 08:00"]

    def test_hours_inside_the_repeated_hour_open_twice(self) -> None:
        hours = Hours("America/New_York", {6: [(60, 90)]})
        assert opening(hours, "2026-11-01", "2026-11-02") == [
            "11-01 05:00 to 11-01 05:30",
            "11-01 06:00 to 11-01 06:30",
        ]

    def test_a_half_hour_clock_change_is_followed(self) -> None:
        hours = Hours("Australia/Lord_Howe", {6: [(0, 240)]})
        assert opening(hours, "2026-10-03", "2026-10-04") == ["10-03 13:30 to 10-03 17:00"]

    @pytest.mark.parametrize(
        ("zone", "first_day"),
        [
            ("America/New_York", "2026-03-07"),
            ("America/New_York", "2026-10-31"),
            ("Europe/London", "2026-10-24"),
            ("Australia/Lord_Howe", "2026-04-04"),
            ("America/Santiago", "2026-09-05"),
            ("Africa/Cairo", "2026-04-23"),
            ("Pacific/Apia", "2011-12-29"),
            ("Asia/Kathmandu", "2026-12-06"),
        ],
    )
    def test_every_minute_is_open_exactly_when_the_local_clock_says_so(
        self, zone: str, first_day: str
    ) -> None:
        opens, closes = 45, 135
        hours = Hours(zone, every_day((opens, closes), (600, 610)))
        start = at(first_day)
        free = open_spans(hours, start, start + 3 * DAY)
        for instant in range(start, start + 3 * DAY, MINUTE):
            local = datetime.fromtimestamp(instant, ZoneInfo(zone))
            minute = local.hour * 60 + local.minute
            is_open = opens <= minute < closes or 600 <= minute < 610
            assert fits(free, instant, instant + MINUTE) == is_open, local


class TestWhatBookingsTake:
    def test_spans_that_overlap_or_touch_are_merged(self) -> None:
        assert merged([(5, 9), (0, 3), (3, 4), (8, 12)]) == [(0, 4), (5, 12)]

    def test_a_booking_splits_the_span_it_lies_in(self) -> None:
        assert subtract([(0, 100)], [(20, 30)]) == [(0, 20), (30, 100)]

    def test_bookings_take_from_every_span_they_reach(self) -> None:
        assert subtract([(0, 10), (20, 30), (40, 50)], [(5, 25), (45, 60)]) == [
            (0, 5),
            (25, 30),
            (40, 45),
        ]

    def test_a_span_that_is_covered_is_gone(self) -> None:
        assert subtract([(10, 20)], [(0, 30)]) == []

    def test_two_hosts_share_what_is_in_the_spans_of_both(self) -> None:
        one, other = [(0, 10), (20, 40), (60, 70)], [(5, 25), (30, 65)]
        assert shared(one, other) == [(5, 10), (20, 25), (30, 40), (60, 65)]
        assert shared(other, one) == shared(one, other)

    def test_spans_that_only_touch_have_nothing_in_common(self) -> None:
        assert shared([(0, 10)], [(10, 20)]) == []

    def test_the_buffers_of_both_meetings_add_up(self) -> None:
        nine = Busy(at("2026-12-07T09:00"), at("2026-12-07T10:00"), before=5, after=10)
        assert texts(blocked_spans([nine], before=20, after=30)) == ["12-07 08:25 to 12-07 10:30"]

    def test_a_meeting_fits_only_into_one_free_span(self) -> None:
        free = [(0, 60), (70, 100)]
        assert fits(free, 0, 60)
        assert fits(free, 80, 90)
        assert not fits(free, 50, 75)
        assert not fits(free, 60, 70)
        assert not fits([], 0, 1)


class TestSlots:
    MORNING = (at("2026-12-07T09:00"), at("2026-12-07T11:00"))

    def test_slots_follow_each_other_by_the_length(self) -> None:
        assert starts([self.MORNING], Grid(length=30, step=30)) == [
            "12-07 09:00",
            "12-07 09:30",
            "12-07 10:00",
            "12-07 10:30",
        ]

    def test_a_slot_interval_sets_the_distance(self) -> None:
        assert starts([self.MORNING], Grid(length=60, step=30)) == [
            "12-07 09:00",
            "12-07 09:30",
            "12-07 10:00",
        ]

    def test_a_slot_ends_within_the_free_span(self) -> None:
        assert starts([self.MORNING], Grid(length=90, step=90)) == ["12-07 09:00"]

    def test_a_span_entered_at_an_odd_minute_waits_for_the_full_half_hour(self) -> None:
        free = [(at("2026-12-07T09:10"), at("2026-12-07T10:30"))]
        assert starts(free, Grid(length=30, step=30)) == ["12-07 09:30", "12-07 10:00"]

    def test_a_length_of_45_minutes_waits_for_the_full_quarter(self) -> None:
        free = [(at("2026-12-07T09:10"), at("2026-12-07T10:30"))]
        assert starts(free, Grid(length=45, step=45)) == ["12-07 09:15"]

    def test_full_hours_are_those_of_the_hosts_clock(self) -> None:
        free = [(at("2026-12-07T03:40"), at("2026-12-07T06:00"))]
        assert starts(free, Grid(length=60, step=60), "Asia/Kolkata") == ["12-07 04:30"]

    def test_the_offset_moves_every_slot(self) -> None:
        grid = Grid(length=30, step=60, offset=10)
        assert starts([self.MORNING], grid) == ["12-07 09:10", "12-07 10:10"]

    def test_nothing_begins_before_the_minimum_notice_is_over(self) -> None:
        grid = Grid(length=30, step=30, earliest=at("2026-12-07T09:40"))
        assert starts([self.MORNING], grid) == ["12-07 10:00", "12-07 10:30"]


class TestBookingLimits:
    MONDAY_TEN = (at("2026-12-07T10:00"), at("2026-12-07T10:30"))

    def allowance(self, count: dict[str, int], minutes: dict[str, int]) -> Allowance:
        return Allowance(ZoneInfo("UTC"), [self.MONDAY_TEN], count, minutes)

    def test_no_limits_admit_everything(self) -> None:
        assert self.allowance({}, {}).admits(at("2026-12-07T12:00"), 30)

    @pytest.mark.parametrize(
        ("unit", "inside", "outside"),
        [
            ("day", "2026-12-07T23:59", "2026-12-08"),
            ("week", "2026-12-13T23:59", "2026-12-14"),
            ("month", "2026-12-01", "2026-11-30T23:59"),
            ("year", "2026-01-01", "2027-01-01"),
        ],
    )
    def test_a_limit_closes_its_whole_period(self, unit: str, inside: str, outside: str) -> None:
        allowance = self.allowance({unit: 1}, {})
        assert not allowance.admits(at(inside), 30)
        assert allowance.admits(at(outside), 30)

    def test_a_limit_above_the_bookings_leaves_the_period_open(self) -> None:
        assert self.allowance({"day": 2}, {}).admits(at("2026-12-07T12:00"), 30)

    def test_a_limit_of_minutes_counts_the_new_meeting_too(self) -> None:
        allowance = self.allowance({}, {"day": 60})
        assert allowance.admits(at("2026-12-07T12:00"), 30)
        assert not allowance.admits(at("2026-12-07T12:00"), 31)

    def test_days_are_those_of_the_hosts_time_zone(self) -> None:
        allowance = Allowance(ZoneInfo("America/New_York"), [self.MONDAY_TEN], {"day": 1}, {})
        assert not allowance.admits(at("2026-12-08T04:59"), 30)
        assert allowance.admits(at("2026-12-08T05:00"), 30)


class TestBookingWindow:
    NOW = at("2026-12-04T12:00")
    UTC = ZoneInfo("UTC")

    def last_instant(self, window: dict[str, object]) -> str:
        return text(window_span(window, self.UTC, self.NOW)[1])

    def test_calendar_days_count_every_day_after_today(self) -> None:
        window = {"type": "calendarDays", "value": 3, "rolling": False}
        assert self.last_instant(window) == "12-08 00:00"

    def test_business_days_leave_out_the_weekend(self) -> None:
        window = {"type": "businessDays", "value": 3, "rolling": False}
        assert self.last_instant(window) == "12-10 00:00"

    def test_a_range_opens_and_closes_with_its_dates(self) -> None:
        window = {"type": "range", "value": ["2026-12-10", "2026-12-11"]}
        assert texts([window_span(window, self.UTC, self.NOW)]) == ["12-10 00:00 to 12-12 00:00"]

    def test_a_disabled_window_never_closes(self) -> None:
        first, last = window_span({"disabled": True}, self.UTC, self.NOW)
        assert first == 0
        assert last > at("2126-01-01")

    def test_a_rolling_window_counts_days_that_have_slots(self) -> None:
        days = ["2026-12-04T13:00", "2026-12-07T10:00", "2026-12-07T11:00", "2026-12-09T10:00"]
        window = {"type": "calendarDays", "value": 2, "rolling": True}
        kept = cut_to_rolling_window([at(day) for day in days], window, self.UTC)
        assert [text(start) for start in kept] == ["12-04 13:00", "12-07 10:00", "12-07 11:00"]

    def test_a_rolling_window_of_business_days_takes_weekends_along(self) -> None:
        days = ["2026-12-04T13:00", "2026-12-05T10:00", "2026-12-07T11:00", "2026-12-08T10:00"]
        window = {"type": "businessDays", "value": 2, "rolling": True}
        kept = cut_to_rolling_window([at(day) for day in days], window, self.UTC)
        assert [text(start) for start in kept] == ["12-04 13:00", "12-05 10:00", "12-07 11:00"]
