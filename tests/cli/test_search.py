"""`cal-actions search`, piped and on a terminal."""

import json
import re

from cal_actions import catalog


def test_what_is_found_is_the_catalogue_s_own_answer_in_its_order(invoke):
    found = json.loads(invoke("search", "move", "my", "meeting").stdout)
    assert [one["slug"] for one in found] == [
        spec.slug for spec in catalog.search("move my meeting")
    ]


def test_the_limit_is_kept(invoke):
    assert len(json.loads(invoke("search", "webhook", "--limit", "2").stdout)) == 2


def test_a_terminal_shows_slug_effect_and_title(terminal):
    shown = terminal("search", "call off an appointment")
    plain = re.sub(r"\x1b\[\d*m", "", shown.text)
    assert plain.splitlines()[0] == (
        "CAL_CANCEL_BOOKING_VIA_UID  destructive  Cancel booking via uid"
    )


def test_a_terminal_is_told_when_nothing_is_found(terminal):
    shown = terminal("search", "qwxz")
    assert (shown.text, shown.code) == (
        "Nothing was found: try other words, or see cal-actions list.\n",
        0,
    )


def test_a_search_for_nothing_is_wrong_usage(invoke):
    assert invoke("search").exit_code == 2
