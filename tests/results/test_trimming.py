"""Answers that are too long for a model are cut, and say so."""

import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cal_actions import ActionSpec, Connector, catalog
from cal_actions.results.fitting import compact
from cal_actions.results.tokens import estimate
from cal_actions.results.trimming import trimmed
from tests.results.o200k import count

BOOKINGS = catalog["CAL_FETCH_ALL_BOOKINGS"]
SLOTS = catalog["CAL_GET_AVAILABLE_SLOTS_INFO"]
EVENT_TYPES = catalog["CAL_LIST_EVENT_TYPES"]
EVENT_TYPE = catalog["CAL_FETCH_EVENT_TYPE_DETAILS"]
MANAGED_USERS = catalog["CAL_GET_OAUTH_CLIENTS_USER"]
TIME_ZONES = catalog["CAL_GET_ALL_TIMEZONES"]
NEW_BOOKING = catalog["CAL_POST_NEW_BOOKING_REQUEST"]
PAGINATION = {"totalItems": 900, "hasNextPage": True}


def booking(number: int) -> dict[str, Any]:
    attendees = [{"name": "Ana", "email": f"ana{number}@example.com"}]
    return {"id": number, "uid": f"uid{number}", "attendees": attendees}


def trim(
    data: Any, most: int, spec: ActionSpec, params: dict[str, Any] | None = None, **more: Any
) -> Any:
    """The data trimmed by o200k; it fits, and what was passed in is as it was."""
    before = deepcopy(data)
    result = trimmed(data, most, count, spec, params or {}, **more)
    assert count(compact(result)) <= most
    assert data == before
    return result


def test_data_that_fits_is_left_alone() -> None:
    data = {"items": [booking(1)], "pagination": PAGINATION}
    assert trim(data, count(compact(data)), BOOKINGS) is data


def test_one_token_less_cuts_a_whole_item() -> None:
    data = {"items": [booking(number) for number in range(9)], "pagination": PAGINATION}
    result = trim(data, count(compact(data)) - 1, BOOKINGS)
    shown = result["truncated"]["shown"]
    assert 0 < shown < 9
    assert result["items"] == data["items"][:shown]
    assert result["pagination"] == PAGINATION


def test_a_list_that_has_pages_says_how_to_go_on() -> None:
    data = {"items": [booking(number) for number in range(200)], "pagination": PAGINATION}
    result = trim(data, 600, BOOKINGS, {"status": ["past"], "skip": 40})
    shown = result["truncated"]["shown"]
    assert result["truncated"] == {
        "path": "items",
        "shown": shown,
        "of": 200,
        "rest": f"Call again with skip={40 + shown} for the rest.",
    }


def test_following_what_it_says_shows_the_whole_list() -> None:
    every = [booking(number) for number in range(200)]
    seen: list[Any] = []
    params: dict[str, Any] = {"take": 250}
    more = True
    while more:
        result = trim({"items": every[params.get("skip", 0) :]}, 900, BOOKINGS, params)
        seen += result["items"]
        if more := "truncated" in result:
            (skip,) = re.findall(r"skip=(\d+)", result["truncated"]["rest"])
            params["skip"] = int(skip)
    assert seen == every


def test_limit_and_offset_are_named_where_the_action_has_those() -> None:
    data = {"items": [booking(number) for number in range(200)]}
    told = trim(data, 400, MANAGED_USERS, {"clientId": "c", "offset": 100})["truncated"]
    skip = 100 + told["shown"]
    assert told["rest"] == f"Call again with offset={skip} for the rest."


def test_an_offset_that_is_too_large_is_not_proposed() -> None:
    data = {"items": [booking(number) for number in range(200)]}
    told = trim(data, 400, MANAGED_USERS, {"clientId": "c", "offset": 249})["truncated"]
    assert told["rest"] == "Narrow the call with emails to see the rest."


def test_a_list_without_pages_names_what_narrows_it() -> None:
    data = {"items": [booking(number) for number in range(99)]}
    told = trim(data, 200, EVENT_TYPES, {"username": "sam"})["truncated"]
    assert told["rest"] == "Narrow the call with eventSlug or usernames or orgId to see the rest."


def test_a_list_that_nothing_narrows_says_so() -> None:
    data = {"items": [{"city": f"City {number}"} for number in range(400)]}
    assert trim(data, 200, TIME_ZONES)["truncated"]["rest"] == "The rest cannot be asked for."


def test_a_write_is_not_to_be_repeated() -> None:
    data = {"items": [booking(number) for number in range(99)]}
    told = trim(data, 200, NEW_BOOKING)["truncated"]
    assert told["rest"] == "The call took effect: do not repeat it to see the rest."


def test_what_was_selected_has_no_skip_of_its_own() -> None:
    data = [f"uid{number}" for number in range(250)]
    result = trim(data, 200, BOOKINGS, {"status": ["past"]}, selected=True)
    assert result["items"] == data[: len(result["items"])]
    told = result["truncated"]
    assert (told["path"], told["of"]) == ("items", 250)
    assert told["rest"] == "Call again with a smaller take, then with skip for the rest."


@pytest.mark.parametrize("most", [300, 700, 2000])
def test_slots_are_cut_from_the_last_and_the_first_left_out_is_named(most: int) -> None:
    days = {
        f"2030-01-{day:02}": [
            {"start": f"2030-01-{day:02}T{hour:02}:00:00.000+01:00"} for hour in range(9, 17)
        ]
        for day in range(1, 29)
    }
    result = trim(days, most, SLOTS, {"eventTypeId": 1})
    told = result.pop("truncated")
    assert all(result.values())
    flat = [slot for slots in days.values() for slot in slots]
    shown = [slot for slots in result.values() for slot in slots]
    assert shown == flat[: told["shown"]]
    assert (len(shown), told["of"]) == (told["shown"], len(flat))
    first = flat[len(shown)]["start"]
    hour = int(first[11:13]) - 1
    start = f"{first[:10]}T{hour:02}:00:00Z"
    assert told["rest"] == f"Call again with startTime={start} for the rest."


def test_of_several_lists_the_longest_is_cut() -> None:
    data = {"few": [*range(5)], "many": [*range(1000)], "some": [*range(20)]}
    result = trim(data, 300, EVENT_TYPE)
    assert (result["few"], result["some"]) == (data["few"], data["some"])
    assert result["many"] == data["many"][: len(result["many"])]
    assert result["truncated"]["path"] == "many"
    assert len(result["many"]) > 50


def test_a_single_item_that_is_too_long_is_cut_inside() -> None:
    text = "Bring your questions. " * 300
    hosts = [{"id": number, "name": f"Host {number}"} for number in range(300)]
    item = {"id": 7, "description": text, "hosts": hosts, "locations": [{"type": "phone"}]}
    result = trim({"items": [item, item]}, 900, EVENT_TYPES)
    (shown,) = result["items"]
    assert (shown["id"], shown["locations"]) == (7, [{"type": "phone"}])
    assert 0 < len(shown["hosts"]) < 300
    assert shown["hosts"] == hosts[: len(shown["hosts"])]
    assert shown["description"].endswith("…")
    assert text.startswith(shown["description"][:-1])
    told = result["truncated"]
    assert (told["path"], told["shown"], told["of"]) == ("items", 1, 2)
    length = len(shown["description"]) - 1
    assert sorted(told["also"]) == [
        f"items[0].description: {length} of {len(text)} characters",
        f"items[0].hosts: {len(shown['hosts'])} of 300",
    ]


def test_ids_and_times_are_never_cut() -> None:
    uid, description = "x7Kq" * 15, "word " * 2000
    result = trim({"uid": uid, "description": description}, 150, EVENT_TYPE)
    assert result["uid"] == uid
    told = result["truncated"]
    assert (told["path"], told["unit"], told["of"]) == ("description", "characters", 10_000)
    many = {f"uid{number}": uid for number in range(12)}
    shown = trim(many, 300, EVENT_TYPE)
    del shown["truncated"]
    assert set(shown.values()) == {uid}


def test_a_mapping_of_very_many_keys_loses_the_last() -> None:
    data = {f"key{number}": number for number in range(5000)}
    result = trim(data, 200, EVENT_TYPE)
    told = result.pop("truncated")
    assert list(result) == list(data)[: len(result)]
    assert (told["shown"], told["of"], told["unit"]) == (len(result), 5000, "keys")


def test_text_alone_comes_under_value() -> None:
    result = trim("word " * 2000, 100, EVENT_TYPE)
    assert result["value"].endswith("…")
    assert result["truncated"]["path"] == "value"


def test_a_key_of_the_same_name_is_kept() -> None:
    data = {"truncated": "theirs", "items": [*range(2000)]}
    result = trim(data, 200, EVENT_TYPE)
    assert result["value"]["truncated"] == "theirs"
    assert result["truncated"]["path"] == "value.items"


def test_too_small_a_limit_leaves_the_note_alone() -> None:
    data = {"items": [booking(number) for number in range(20)]}
    result = trimmed(data, 3, count, BOOKINGS, {})
    rest = "Not even the first fits in here."
    assert result == {"truncated": {"path": "items", "shown": 0, "of": 20, "rest": rest}}


def test_a_limit_for_the_note_and_no_item_says_that_none_fits() -> None:
    data = {"items": [booking(number) for number in range(20)]}
    result = trim(data, 60, BOOKINGS)
    assert (result["items"], result["truncated"]["shown"]) == ([], 0)
    assert result["truncated"]["rest"] == "Not even the first fits in here."


def test_half_a_surrogate_pair_is_counted_too() -> None:
    result = trim({"items": ["\ud83d" * 9] * 200}, 200, EVENT_TYPES)
    assert result["items"][0] == "\ud83d" * 9


@pytest.mark.parametrize("depth", [300, 5000])
def test_very_deep_data_is_cut_or_left_out(depth: int) -> None:
    data: Any = [*range(1000)]
    for _ in range(depth):
        data = {"in": data}
    result = trimmed(data, 200, count, EVENT_TYPE, {})
    assert count(compact(result)) <= 200
    assert "truncated" in result


def test_each_item_is_counted_once_though_the_whole_comes_to_more_than_its_parts() -> None:
    counted: list[str] = []

    def noting(text: str) -> int:
        counted.append(text)
        return round(len(text) ** 1.1)

    data = {"items": [booking(number) for number in range(2000)]}
    result = trimmed(data, 9000, noting, BOOKINGS, {})
    assert noting(compact(result)) <= 9000
    assert len(result["items"]) > 20
    assert all(counted.count(compact(item)) <= 1 for item in data["items"][:200])


TEXTS = st.text(max_size=40) | st.text(min_size=81, max_size=400)
KEYS = st.sampled_from(["items", "id", "2030-01-07", "2030-01-08", "truncated", "ключ"])
DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(KEYS | st.text(max_size=9), inner),
    max_leaves=60,
)
COUNTS = {
    "estimate": estimate,
    "characters": len,
    "words": lambda text: len(text.split()) + 1,
    "bytes": lambda text: len(text.encode()) // 3,
}


def is_beginning(shown: Any, whole: Any) -> bool:
    """Whether `shown` is `whole`, or what is left of it when ends are cut off."""
    if isinstance(whole, dict):
        return isinstance(shown, dict) and all(
            key in whole and is_beginning(item, whole[key]) for key, item in shown.items()
        )
    if isinstance(whole, list):
        return (
            isinstance(shown, list)
            and len(shown) <= len(whole)
            and all(is_beginning(one, other) for one, other in zip(shown, whole, strict=False))
        )
    if isinstance(whole, str) and shown != whole:
        return shown.endswith("…") and whole.startswith(shown[:-1])
    return bool(shown == whole)


@given(DATA, st.integers(1, 300), st.sampled_from(sorted(COUNTS)))
@example({"items": ["a" * 100, "b"]}, 60, "estimate")
@example({"2030-01-07": [], "2030-01-08": [1] * 99}, 60, "estimate")
def test_any_data_fits_and_is_the_beginning_of_what_it_was(data: Any, most: int, name: str) -> None:
    counting = COUNTS[name]
    before = deepcopy(data)
    result = trimmed(data, most, counting, EVENT_TYPES, {})
    assert data == before
    if counting(compact(data)) <= most:
        assert result is data
        return
    assert counting(compact(result)) <= most or list(result) == ["truncated"]
    told = result.pop("truncated")
    assert told["shown"] <= told["of"]
    if isinstance(data, dict) and "truncated" not in data:
        assert is_beginning(result, data)
    else:
        assert is_beginning(result, {"items" if isinstance(data, list) else "value": data})


def test_a_list_as_it_came_says_how_to_go_on_too() -> None:
    items = [booking(number) for number in range(200)]
    told = trim({"status": "success", "data": items}, 600, BOOKINGS)["truncated"]
    assert (told["path"], told["of"]) == ("data", 200)
    assert told["rest"] == f"Call again with skip={told['shown']} for the rest."


def test_slots_as_they_came_say_how_to_go_on_too() -> None:
    days = {f"2030-01-{day:02}": [{"start": f"2030-01-{day:02}T09:00:00Z"}] for day in range(1, 29)}
    told = trim({"status": "success", "data": days}, 300, SLOTS)["truncated"]
    start = f"2030-01-{told['shown'] + 1:02}T09:00:00Z"
    assert told["rest"] == f"Call again with startTime={start} for the rest."


def test_what_answers_no_list_names_nothing_that_would_narrow_it() -> None:
    data = {"items": ["x" * 20] * 200}
    told = trim(data, 200, catalog["CAL_CONNECT_TO_CALENDAR"])["truncated"]
    assert told["rest"] == "The rest cannot be asked for."


def test_a_connector_bounds_the_data_of_a_success() -> None:
    with Connector.sandbox(max_result_tokens=300) as cal:
        cities = cal.execute("CAL_GET_ALL_TIMEZONES").data
    assert estimate(compact(cities)) <= 300
    assert cities["truncated"]["shown"] == len(cities["items"])


def test_deep_data_is_counted_no_more_than_it_takes() -> None:
    counted = 0

    def counting(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return estimate(text)

    data: Any = "x" * 1_000_000
    for _ in range(100):
        data = {"a": data, "b": 1}
    assert estimate(compact(trimmed(data, 500, counting, EVENT_TYPE, {}))) <= 500
    assert counted < 100 * 1_000_000
