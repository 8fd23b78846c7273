import heapq
import math
import time
from email.utils import formatdate
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cal_actions.rate_limits import (
    Limit,
    Place,
    RateLimits,
    limits,
    retry_after,
    retry_after_of_gateway,
)

FOREVER = math.inf
GARBAGE = ["", "soon", "nan", "inf", "-inf", "1e400", "1e15", "5;w=60", "0x10", "\u00bd", "1 2"]


def told(
    remaining: object, reset: object, limit: object = 5, name: str = "-default"
) -> dict[str, str]:
    return {
        f"x-ratelimit-limit{name}": str(limit),
        f"x-ratelimit-remaining{name}": str(remaining),
        f"x-ratelimit-reset{name}": str(reset),
    }


# --- what the headers say ---


@pytest.mark.parametrize("name", ["-Default", "-Lab", "-my-own-key", "-1", ""])
def test_a_limit_of_any_name_is_read(name: str) -> None:
    assert limits(told(3, 60, 120, name)) == {name.lower()[1:]: Limit(120, 3, 60.0)}


def test_header_names_are_read_in_any_case() -> None:
    headers = {name.upper(): value for name, value in told(3, 60).items()}
    assert limits(headers) == {"default": Limit(5, 3, 60.0)}


def test_several_limits_are_read_at_once() -> None:
    headers = told(1, 1, 2, "-Short") | told(50, 60, 100, "-Long")
    assert limits(headers) == {"short": Limit(2, 1, 1.0), "long": Limit(100, 50, 60.0)}


def test_a_reset_in_unix_time_is_read_as_the_seconds_until_then() -> None:
    reset = limits(told(3, time.time() + 60))["default"].reset
    assert reset == pytest.approx(60, abs=10)


def test_a_reset_in_unix_time_that_is_over_is_no_wait() -> None:
    assert limits(told(3, int(time.time()) - 60))["default"].reset == 0.0


@pytest.mark.parametrize("seconds", ["-1", "0", "-0.0"])
def test_a_reset_is_never_negative(seconds: str) -> None:
    assert limits(told(3, seconds))["default"].reset == 0.0


@pytest.mark.parametrize("which", ["limit", "remaining", "reset"])
@pytest.mark.parametrize("value", GARBAGE)
def test_a_limit_that_is_no_number_is_passed_over(value: str, which: str) -> None:
    assert limits(told(3, 60) | {f"x-ratelimit-{which}-default": value}) == {}


@pytest.mark.parametrize("which", ["limit", "remaining", "reset"])
def test_a_limit_that_is_told_in_part_is_passed_over(which: str) -> None:
    headers = told(3, 60)
    del headers[f"x-ratelimit-{which}-default"]
    assert limits(headers) == {}


def test_garbage_in_one_limit_leaves_the_other() -> None:
    headers = told("many", 1, 2, "-Short") | told(50, 60, 100, "-Long")
    assert limits(headers) == {"long": Limit(100, 50, 60.0)}


@pytest.mark.parametrize("name", ["ratelimit-limit", "x-rate-limit-limit", "my-x-ratelimit-limit"])
def test_other_headers_are_no_limits(name: str) -> None:
    assert limits({name: "5"}) == {}


# --- how long to wait after a 429 ---


def test_the_wait_is_that_of_the_limit_that_is_used_up() -> None:
    headers = told(0, 5, 2, "-Short") | told(50, 60, 100, "-Long")
    assert retry_after(headers) == 5.0


def test_of_several_limits_that_are_used_up_the_longest_wait_counts() -> None:
    headers = told(0, 5, 2, "-Short") | told(0, 60, 100, "-Long") | told(1, 900, 1, "-Other")
    assert retry_after(headers) == 60.0


def test_the_longest_wait_counts_when_none_says_that_it_is_used_up() -> None:
    headers = told(1, 5, 2, "-Short") | told(1, 60, 100, "-Long")
    assert retry_after(headers) == 60.0


def test_a_reset_alone_tells_the_wait() -> None:
    assert retry_after({"x-ratelimit-reset": "7"}) == 7.0


def test_a_wait_in_unix_time_is_told_in_seconds() -> None:
    assert retry_after(told(0, time.time() + 60)) == pytest.approx(60, abs=10)


def test_the_limits_of_the_api_win_over_a_gateway() -> None:
    assert retry_after({"retry-after": "99"} | told(0, 5)) == 5.0


def test_a_gateway_is_heard_where_no_limit_is_told() -> None:
    assert retry_after({"retry-after": "9"}) == 9.0


@pytest.mark.parametrize("value", GARBAGE)
def test_a_gateway_is_heard_where_a_limit_is_no_number(value: str) -> None:
    assert retry_after({"x-ratelimit-reset-default": value, "retry-after": "9"}) == 9.0


def test_nothing_told_is_no_wait_known() -> None:
    assert retry_after({"content-type": "application/json"}) is None


@pytest.mark.parametrize(("value", "seconds"), [("9", 9.0), ("0", 0.0), ("-3", 0.0), ("0.5", 0.5)])
def test_retry_after_is_read_as_a_number(value: str, seconds: float) -> None:
    assert retry_after_of_gateway({"retry-after": value}) == seconds


def test_retry_after_is_read_as_a_date() -> None:
    date = formatdate(time.time() + 60, usegmt=True)
    assert retry_after_of_gateway({"retry-after": date}) == pytest.approx(60, abs=10)


def test_retry_after_a_date_that_is_over_is_no_wait() -> None:
    date = "Wed, 21 Oct 2015 07:28:00 GMT"
    assert retry_after_of_gateway({"retry-after": date}) == 0.0


@pytest.mark.parametrize("value", [*GARBAGE, "Wed, 99 Oct 2015", "Wed, 21 Oct 999999 07:28:00"])
def test_a_retry_after_that_is_neither_is_passed_over(value: str) -> None:
    assert retry_after_of_gateway({"retry-after": value}) is None


# --- a budget that callers share; moments are made up ---


def entered(known: RateLimits, now: float, caller: object = "me") -> tuple[Place, float]:
    place, wait = known.enter(caller, now, FOREVER)
    assert place is not None
    return place, wait


def waits(known: RateLimits, now: float, number: int, caller: object = "me") -> list[float]:
    return [entered(known, now, caller)[1] for _ in range(number)]


def after(
    remaining: object, reset: object, limit: object = 5, now: float = 0.0, caller: object = "me"
) -> RateLimits:
    """What is known after one answer."""
    known = RateLimits()
    place, _ = entered(known, now, caller)
    known.learn(caller, place, told(remaining, reset, limit), now)
    return known


def test_nothing_waits_until_a_limit_is_known() -> None:
    assert waits(RateLimits(), 0.0, 1000) == [0.0] * 1000


@pytest.mark.parametrize("remaining", [0, 1, 4])
def test_what_is_left_is_used_to_the_last_request(remaining: int) -> None:
    known = after(remaining, 10)
    assert waits(known, 1.0, remaining + 1) == [0.0] * remaining + [9.0]


def test_calls_slow_down_before_the_answers_tell_that_the_limit_is_used_up() -> None:
    known = after(4, 10)
    assert waits(known, 1.0, 6) == [0.0] * 4 + [9.0] * 2


def test_a_budget_that_one_caller_uses_in_turn_is_used_exactly() -> None:
    known = RateLimits()
    used: list[float] = []
    for remaining in (4, 3, 2, 1, 0):
        place, wait = entered(known, 1.0)
        used.append(wait)
        known.learn("me", place, told(remaining, 10), 1.0)
    assert [*used, entered(known, 2.0)[1]] == [0.0] * 5 + [9.0]


def test_requests_of_others_with_the_same_key_are_heeded() -> None:
    known = after(4, 10)
    place, _ = entered(known, 1.0)
    known.learn("me", place, told(1, 9), 1.0)
    assert waits(known, 1.0, 2) == [0.0, 9.0]


def test_requests_that_are_under_way_when_a_limit_becomes_known_count() -> None:
    known = RateLimits()
    first, _ = entered(known, 0.0)
    entered(known, 0.0)
    entered(known, 0.0)
    known.learn("me", first, told(4, 10), 0.0)
    assert waits(known, 0.0, 3) == [0.0, 0.0, 10.0]


def test_what_is_left_is_corrected_when_the_server_had_counted_all() -> None:
    known = RateLimits()
    first, second = entered(known, 0.0)[0], entered(known, 0.0)[0]
    known.learn("me", first, told(3, 10), 0.0)
    known.learn("me", second, told(3, 10), 0.0)
    third, _ = entered(known, 1.0)
    known.learn("me", third, told(2, 9), 1.0)
    assert waits(known, 2.0, 3) == [0.0, 0.0, 8.0]


def test_answers_that_come_in_another_order_than_they_were_counted_add_nothing() -> None:
    known = after(4, 10)
    places = [entered(known, 1.0)[0] for _ in range(4)]
    # The last to be sent was the first to be counted, and is the last to be answered.
    for place, remaining in zip(places, (2, 1, 0, 3), strict=True):
        known.learn("me", place, told(remaining, 9), 1.0)
    assert waits(known, 1.0, 1) == [9.0]


def test_a_lost_answer_gives_nothing_back() -> None:
    known = after(1, 10)
    place, _ = entered(known, 1.0)
    known.learn("me", place, None, 1.0)
    assert waits(known, 1.0, 1) == [9.0]


def test_an_answer_without_limits_changes_nothing() -> None:
    known = after(1, 10)
    place, _ = entered(known, 1.0)
    known.learn("me", place, {"content-type": "text/html"}, 1.0)
    assert waits(known, 1.0, 1) == [9.0]


@pytest.mark.parametrize("now", [10.0, 10.5, 19.9])
def test_a_new_window_has_the_whole_limit(now: float) -> None:
    known = after(0, 10)
    assert waits(known, now, 6)[:5] == [0.0] * 5


def test_a_new_window_has_no_more_than_the_limit() -> None:
    known = after(0, 10)
    assert waits(known, 10.0, 6) == [0.0] * 5 + [10.0]


@pytest.mark.parametrize("idle", [10.0, 14.0, 19.5, 33.0, 1e6])
def test_a_window_begins_with_its_first_request(idle: float) -> None:
    known = after(0, 10, limit=1)
    entered(known, idle)
    assert entered(known, idle)[1] == 10.0


def test_a_request_that_is_unanswered_at_the_end_of_a_window_counts_in_the_next() -> None:
    known = after(4, 10)
    entered(known, 9.9)
    assert waits(known, 10.0, 5) == [0.0] * 4 + [10.0]


def test_a_window_that_is_told_to_be_very_long_is_not_waited_out() -> None:
    assert waits(after(0, 500_000), 0.0, 1) == [300.0]


def test_a_longer_block_after_a_429_is_waited_out() -> None:
    known = after(4, 1)
    place, _ = entered(known, 0.5)
    known.learn("me", place, told(0, 60), 0.5)
    assert waits(known, 1.5, 1) == [59.0]


def test_a_wait_grows_when_a_block_becomes_known() -> None:
    known = after(1, 1)
    under_way, _ = entered(known, 0.0)
    waiting, wait = entered(known, 0.0)
    known.learn("me", under_way, told(0, 60), 0.0)
    assert (wait, known.wait("me", waiting, 1.0)) == (1.0, 59.0)


def test_a_window_that_ends_earlier_than_known_is_open_earlier() -> None:
    known = after(1, 60)
    under_way, _ = entered(known, 0.0)
    waiting, wait = entered(known, 0.0)
    known.learn("me", under_way, told(0, 5), 0.0)
    assert (wait, known.wait("me", waiting, 1.0)) == (60.0, 4.0)


def test_a_raised_limit_is_used() -> None:
    known = after(0, 10, limit=1)
    place, _ = entered(known, 10.0)
    known.learn("me", place, told(2, 10, 3), 10.0)
    assert waits(known, 20.0, 4) == [0.0] * 3 + [10.0]


@pytest.mark.parametrize(("limit", "reset"), [(0, 0), (-5, -5), (0, 10), (1, 0)])
def test_a_limit_that_makes_no_sense_stops_no_one_for_ever(limit: int, reset: int) -> None:
    known = after(limit, reset, limit)
    assert waits(known, 11.0, 1) == [0.0]


# --- places ---


def test_who_waits_gets_a_place_in_the_order_of_coming() -> None:
    known = after(0, 10, limit=2)
    assert waits(known, 0.0, 5) == [10.0, 10.0, 20.0, 20.0, 30.0]


def test_who_comes_in_a_new_window_does_not_overtake_who_waits_for_it() -> None:
    known = after(0, 10, limit=2)
    waiting = [entered(known, 0.0)[0] for _ in range(2)]
    late = entered(known, 10.0)[1]
    assert (late, [known.wait("me", place, 10.0) for place in waiting]) == (10.0, [0.0, 0.0])


def test_who_comes_early_in_a_new_window_takes_what_no_one_waits_for() -> None:
    known = after(0, 10, limit=2)
    entered(known, 0.0)
    assert waits(known, 10.0, 2) == [0.0, 10.0]


def test_a_wait_gets_shorter_as_time_passes() -> None:
    known = after(0, 10)
    place, _ = entered(known, 0.0)
    assert [known.wait("me", place, now) for now in (0.0, 4.0, 9.0, 10.0)] == [10.0, 6.0, 1.0, 0.0]


def test_a_place_is_not_given_where_it_would_come_too_late() -> None:
    assert after(0, 10).enter("me", 1.0, 5.0) == (None, 9.0)


def test_a_place_at_the_very_deadline_is_too_late() -> None:
    assert after(0, 10).enter("me", 1.0, 10.0) == (None, 9.0)


def test_a_place_just_before_the_deadline_is_given() -> None:
    place, wait = after(0, 10).enter("me", 1.0, 10.001)
    assert (place is not None, wait) == (True, 9.0)


def test_who_got_no_place_takes_nothing_from_others() -> None:
    known = after(0, 10, limit=1)
    for _ in range(10):
        known.enter("me", 1.0, 2.0)
    assert waits(known, 1.0, 1) == [9.0]


def test_a_place_that_is_left_in_this_window_is_free_again() -> None:
    known = after(1, 10)
    place, _ = entered(known, 1.0)
    known.leave("me", place)
    assert waits(known, 1.0, 2) == [0.0, 9.0]


def test_a_place_that_is_left_in_a_window_to_come_is_free_again() -> None:
    known = after(0, 10, limit=1)
    place, _ = entered(known, 0.0)
    entered(known, 0.0)
    known.leave("me", place)
    assert waits(known, 0.0, 2) == [10.0, 30.0]


def test_a_place_that_is_left_once_its_window_began_is_free_again() -> None:
    known = after(0, 10, limit=1)
    place, _ = entered(known, 0.0)
    other = known.enter("me", 10.0, 15.0)
    known.leave("me", place)
    assert (other, waits(known, 10.0, 2)) == ((None, 10.0), [0.0, 10.0])


def test_who_left_is_no_longer_under_way() -> None:
    known = RateLimits()
    first, gone = entered(known, 0.0)[0], entered(known, 0.0)[0]
    known.leave("me", gone)
    known.learn("me", first, told(1, 10), 0.0)
    assert waits(known, 0.0, 2) == [0.0, 10.0]


def test_a_late_answer_of_an_old_window_is_ignored() -> None:
    known = after(4, 10)
    old, _ = entered(known, 1.0)
    fresh, _ = entered(known, 10.0)
    known.learn("me", fresh, told(4, 10), 10.0)
    known.learn("me", old, told(0, 9), 10.5)
    assert waits(known, 11.0, 1) == [0.0]


# --- callers and limits beside each other ---


def test_callers_have_budgets_of_their_own() -> None:
    known = after(0, 10)
    assert (waits(known, 1.0, 1), waits(known, 1.0, 9, "another")) == ([9.0], [0.0] * 9)


def test_of_several_limits_the_longest_wait_counts() -> None:
    known = RateLimits()
    place, _ = entered(known, 0.0)
    known.learn("me", place, told(0, 1, 2, "-Short") | told(0, 60, 100, "-Long"), 0.0)
    assert waits(known, 0.0, 1) == [60.0]


def test_each_of_several_limits_is_kept() -> None:
    known = RateLimits()
    place, _ = entered(known, 0.0)
    known.learn("me", place, told(1, 1, 2, "-Short") | told(4, 60, 5, "-Long"), 0.0)
    assert waits(known, 0.0, 5) == [0.0, 1.0, 1.0, 2.0, 60.0]


def test_waiting_for_a_long_window_does_not_break_a_short_one() -> None:
    known = RateLimits()
    place, _ = entered(known, 0.0)
    known.learn("me", place, told(2, 1, 2, "-Short") | told(0, 60, 100, "-Long"), 0.0)
    at_once = [wait for wait in waits(known, 0.0, 9) if 60.0 <= wait < 61.0]
    assert len(at_once) <= 2


def test_a_limit_that_is_told_later_is_kept_too() -> None:
    known = after(4, 10)
    place, _ = entered(known, 0.0)
    known.learn("me", place, told(3, 10) | told(0, 60, 1, "-Long"), 0.0)
    assert waits(known, 0.0, 1) == [60.0]


def test_the_number_of_limits_that_are_kept_is_bounded() -> None:
    known = RateLimits()
    for number in range(100):
        place, _ = entered(known, 0.0)
        known.learn("me", place, told(500, 10, 500, f"-{number}"), 0.0)
    place, _ = entered(known, 0.0)
    known.learn("me", place, told(0, 10, 500, "-one-too-many"), 0.0)
    assert waits(known, 0.0, 1) == [0.0]


def test_the_oldest_of_too_many_callers_is_forgotten() -> None:
    known = after(0, 100, caller=0)
    for caller in range(1, 10_001):
        place, _ = entered(known, 0.0, caller)
        known.learn(caller, place, told(0, 100), 0.0)
    assert (waits(known, 0.0, 1, 10_000), waits(known, 0.0, 1, 0)) == ([100.0], [0.0])


def test_a_caller_who_came_again_is_not_the_oldest() -> None:
    known = after(0, 100, caller=0)
    for caller in range(1, 10_001):
        if caller == 9_000:
            known.enter(0, 0.0, 1.0)
        place, _ = entered(known, 0.0, caller)
        known.learn(caller, place, None, 0.0)
    assert waits(known, 0.0, 1, 0) == [100.0]


def test_a_caller_with_a_request_under_way_is_not_forgotten() -> None:
    known = after(1, 100, caller=0)
    entered(known, 0.0, 0)
    for caller in range(1, 10_010):
        place, _ = entered(known, 0.0, caller)
        known.learn(caller, place, None, 0.0)
    assert waits(known, 0.0, 1, 0) == [100.0]


def test_the_child_of_a_fork_starts_anew() -> None:
    known = after(0, 10)
    known.after_fork()
    assert waits(known, 1.0, 9) == [0.0] * 9


# --- against a server that counts in windows ---


class FixedWindow:
    """Counts as Cal.com does; its windows begin with a request, or at whole multiples."""

    def __init__(self, limit: int, length: int, *, aligned: bool) -> None:
        self.limit = limit
        self.length = length
        self.aligned = aligned
        self.ends = -math.inf
        self.count = 0
        self.most = 0

    def answer(self, now: float) -> dict[str, str]:
        if now >= self.ends:
            begins = now // self.length * self.length if self.aligned else now
            self.ends = begins + self.length
            self.count = 0
        self.count += 1
        self.most = max(self.most, self.count)
        return told(max(0, self.limit - self.count), math.ceil(self.ends - now), self.limit)


def run(server: FixedWindow, calls: list[tuple[float, float, float | None]]) -> dict[int, float]:
    """Play calls of one client: when each comes, how long its answer takes, when it gives up.

    Returns the moment at which each was sent.
    """
    known = RateLimits()
    events: list[tuple[float, int, str, int, Any]] = []
    places: dict[int, Place] = {}
    sent: dict[int, float] = {}
    gone: set[int] = set()
    order = count()

    def plan(when: float, what: str, call: int, more: Any = None) -> None:
        heapq.heappush(events, (when, next(order), what, call, more))

    # The first answer is there before the others come: until then nothing is known.
    for number, (comes, _, _) in enumerate([(0.0, 0.0, None), *calls]):
        plan(comes, "come", number)
    while events:
        now, _, what, call, more = heapq.heappop(events)
        _, takes, patience = (0.0, 0.0, None) if call == 0 else calls[call - 1]
        if what == "come":
            places[call], wait = entered(known, now)
            if patience is not None and wait:
                plan(now + patience, "give up", call)
            plan(now + wait, "wake", call)
        elif what == "give up" and call not in sent:
            gone.add(call)
            known.leave("me", places[call])
        elif what == "wake" and call not in gone:
            if wait := known.wait("me", places[call], now):
                plan(now + max(wait, 1e-6), "wake", call)
            else:
                sent[call] = now
                plan(now + takes, "answer", call, server.answer(now))
        elif what == "answer":
            known.learn("me", places[call], more, now)
    assert len(sent) + len(gone) == len(calls) + 1
    return sent


SERVERS = st.builds(
    FixedWindow, st.integers(1, 5), st.sampled_from([1, 2, 5]), aligned=st.booleans()
)
MOMENTS = st.floats(0.01, 12.0) | st.sampled_from([0.01, 1.0, 5.0])
DELAYS = st.floats(0.0, 6.0) | st.just(0.0)
CALLS = st.lists(st.tuples(MOMENTS, DELAYS, st.none() | DELAYS), max_size=20)
# A late answer tells a later end of its window than there is; a 429 mends what comes of that.
IN_TIME = st.lists(st.tuples(MOMENTS, st.just(0.0), st.none() | DELAYS), max_size=20)


@settings(deadline=None, max_examples=300)
@given(SERVERS, IN_TIME)
def test_no_window_of_the_server_gets_more_than_its_limit(
    server: FixedWindow, calls: list[tuple[float, float, float | None]]
) -> None:
    run(server, calls)
    assert server.most <= server.limit


@settings(deadline=None, max_examples=300)
@given(SERVERS, CALLS)
def test_every_one_who_waits_gets_a_turn_in_a_bounded_number_of_windows(
    server: FixedWindow, calls: list[tuple[float, float, float | None]]
) -> None:
    sent = run(server, calls)
    ahead = math.ceil(len(calls) / server.limit)
    slowest = max((takes for _, takes, _ in calls), default=0.0)
    for call, moment in sent.items():
        if call:
            waited = moment - calls[call - 1][0]
            assert waited <= (ahead + 2) * (server.length + 1) + slowest
