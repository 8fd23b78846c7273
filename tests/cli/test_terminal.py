"""What a person sees on a terminal."""

import json
import re

import pytest

from cal_actions import catalog

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
BOOK = "CAL_POST_NEW_BOOKING_REQUEST"
CREATE_SCHEDULE = "CAL_CREATE_USER_AVAILABILITY_SCHEDULE"


def plain(text):
    return COLOUR.sub("", text)


def test_a_list_names_each_action_once_by_resource(terminal):
    text = plain(terminal("list").text)
    assert all(text.count(f"  {slug} ") == 1 for slug in catalog)
    assert "\nbookings\n" in text


def test_a_wide_terminal_shows_the_titles(terminal):
    text = plain(terminal("list", "--resource", "bookings", width=120).text)
    assert re.search(r"CAL_FETCH_ALL_BOOKINGS +read +Fetch all bookings\n", text)


def test_a_narrow_terminal_leaves_the_titles_out_rather_than_breaking_lines(terminal):
    text = plain(terminal("list", "--resource", "bookings", width=80).text)
    assert re.search(r"CAL_FETCH_ALL_BOOKINGS +read\n", text)


@pytest.mark.parametrize("width", [80, 120])
def test_a_list_fits_the_terminal(terminal, width):
    text = plain(terminal("list", width=width).text)
    assert max(map(len, text.splitlines())) <= width


@pytest.mark.parametrize("width", [80, 120])
def test_an_action_fits_the_terminal_except_for_the_line_to_copy(terminal, width):
    text, _, example = plain(terminal("show", BOOK, width=width).text).partition("Example")
    assert max(map(len, text.splitlines())) <= width
    assert len(example.strip().splitlines()) == 1


def test_an_action_is_shown_with_its_request_and_parameters(terminal):
    text = plain(terminal("show", BOOK).text)
    assert "POST /v2/bookings  cal-api-version 2024-08-13" in text
    assert re.search(r"\nattendee +object +yes +", text)
    assert re.search(r"\n  timeZone +string +yes +", text)


def test_the_example_of_an_action_can_be_executed(terminal, invoke):
    text = plain(terminal("show", "CAL_POST_WEBHOOK_EVENT").text)
    params = re.search(r"execute CAL_POST_WEBHOOK_EVENT '(.*)'", text)[1]
    result = invoke("execute", "CAL_POST_WEBHOOK_EVENT", params, "--sandbox")
    assert json.loads(result.stdout)["data"].get("code") != "invalid_params"


def test_a_shape_among_several_is_shown_with_its_fields(terminal):
    text = plain(terminal("show", "CAL_POST_WEBHOOK_EVENT").text)
    assert "string or array of string" in text
    assert "BOOKING_CREATED" in text


def test_a_success_is_shown_as_coloured_json(terminal):
    shown = terminal("execute", "CAL_FETCH_ALL_BOOKINGS", "--sandbox")
    assert shown.code == 0
    assert COLOUR.search(shown.text)
    head, _, body = plain(shown.text).partition("\n")
    assert head == "CAL_FETCH_ALL_BOOKINGS succeeded"
    assert json.loads(body)["items"] == []


def test_a_failure_is_shown_with_what_to_change(terminal):
    shown = terminal("execute", "CAL_FETCH_ALL_BOOKINGS", '{"tak": 5}', "--sandbox")
    assert shown.code == 1
    text = plain(shown.text)
    assert text.startswith("CAL_FETCH_ALL_BOOKINGS failed\n")
    assert text.count("did you mean take?") == 1
    assert re.search(r"\n  code +invalid_params\n", text)


def test_json_on_a_terminal_is_plain_where_asked_for(terminal):
    shown = terminal("list", "--json")
    assert [one["slug"] for one in json.loads(shown.text)] == list(catalog)


def test_no_color_is_respected(terminal):
    shown = terminal("list", NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown.text)


def test_a_long_list_goes_through_the_pager(terminal):
    text = terminal("list", height=20, PAGER="head -n 2").text
    assert len(text.splitlines()) == 2


def test_a_short_list_does_not_go_through_the_pager(terminal):
    text = terminal("list", "--resource", "me", height=50, PAGER="head -n 1").text
    assert len(text.splitlines()) > 1


def test_control_characters_of_an_answer_do_not_reach_the_terminal(terminal):
    params = json.dumps({"name": "\x1b[2J\x9b31m", "timeZone": "UTC", "isDefault": False})
    shown = terminal("execute", CREATE_SCHEDULE, params, "--sandbox")
    assert shown.code == 0
    assert "\x1b[2J" not in shown.text
    assert "\x9b" not in shown.text


def test_a_mistake_is_told_in_one_error_line(terminal):
    shown = terminal("show", "CAL_FETCH_ALL_BOOKING")
    assert shown.code == 2
    assert shown.text.splitlines()[-1].startswith("Error: There is no action")
