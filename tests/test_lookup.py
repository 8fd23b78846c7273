"""Which action shows whether a write took effect, and that a lost write names it."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from cal_actions import AsyncConnector, Catalog, Connector, Envelope, catalog
from cal_actions.action_files import read_yaml
from cal_actions.lookup import look_up_with
from cal_actions.sandbox import Sandbox
from tests.made_up import catalog_of, document

WIRE = Path(__file__).parent / "wire"
PARAMS: dict[str, dict[str, Any]] = {
    slug: read_yaml(WIRE / f"{slug}.yaml")[0]["params"] for slug in catalog
}
WRITES = [slug for slug, spec in catalog.items() if spec.effect != "read"]
NAMED = [slug for slug in WRITES if look_up_with(catalog, catalog[slug])]
ONCE = [slug for slug in WRITES if not catalog[slug].idempotent]
# What one action calls by another name than the other.
ALSO = {"slotUtcStartDate": "startTime", "slotUtcEndDate": "endTime"}

Answer = httpx.Response | Exception
WITHOUT_AN_ANSWER: dict[str, Callable[[], Answer]] = {
    "late": lambda: httpx.ReadTimeout("late"),
    "lost": lambda: httpx.ReadError("reset"),
    "closed": lambda: httpx.RemoteProtocolError("closed"),
}
UNREADABLE: dict[str, Callable[[], Answer]] = {
    "cut off": lambda: httpx.Response(200, text='{"data"', headers={"content-type": "text/json"}),
    "a page": lambda: httpx.Response(200, html="<p>yes</p>"),
    "empty": lambda: httpx.Response(200),
}
FAILED: dict[str, Callable[[], Answer]] = {
    "of Cal.com's": lambda: httpx.Response(500, json={"message": "it broke"}),
    "of a gateway's": lambda: httpx.Response(502, html="<p>502</p>"),
}


def answering(answer: Callable[[], Answer]) -> httpx.MockTransport:
    def handle(_: httpx.Request) -> httpx.Response:
        made = answer()
        if isinstance(made, Exception):
            raise made
        return made

    return httpx.MockTransport(handle)


def executed(
    slug: str,
    params: dict[str, Any],
    answer: Callable[[], Answer],
    actions: Catalog = catalog,
) -> Envelope:
    with (
        httpx.Client(transport=answering(answer)) as client,
        Connector(
            api_key="cal_test",
            oauth_client_id="client",
            oauth_client_secret="a secret",
            client=client,
            actions=actions,
            max_attempts=1,
        ) as connector,
    ):
        return connector.execute(slug, params)


def lost(slug: str, actions: Catalog = catalog) -> str:
    answer = WITHOUT_AN_ANSWER["lost"]
    return str(executed(slug, PARAMS[slug], answer, actions).error)


def taken_over(names: Iterable[str], params: dict[str, Any]) -> dict[str, Any]:
    """The params of these names, from what was sent to another action."""
    given = {**params, **{ALSO[name]: params[name] for name in ALSO if name in params}}
    return {name: given[name] for name in names}


# --- the catalogue


@pytest.mark.parametrize(
    ("write", "shown_by"),
    [
        ("CAL_POST_NEW_BOOKING_REQUEST", "CAL_FETCH_ALL_BOOKINGS"),
        ("CAL_CANCEL_BOOKING_VIA_UID", "CAL_RETRIEVE_BOOKING_DETAILS_BY_UID"),
        ("CAL_CONFIRM_BOOKING_BY_UID", "CAL_RETRIEVE_BOOKING_DETAILS_BY_UID"),
        ("CAL_RESCHEDULE_BOOKING_BY_UID", "CAL_RETRIEVE_BOOKING_DETAILS_BY_UID"),
        ("CAL_REASSIGN_BOOKING_TO_ANOTHER_USER", "CAL_RETRIEVE_BOOKING_DETAILS_BY_UID"),
        ("CAL_RESERVE_SLOT_FOR_EVENT", "CAL_GET_AVAILABLE_SLOTS_INFO"),
        ("CAL_UPDATE_USER_PROFILE_DETAILS", "CAL_RETRIEVE_MY_INFORMATION"),
        ("CAL_CREATE_USER_AVAILABILITY_SCHEDULE", "CAL_RETRIEVE_SCHEDULES_LIST"),
        ("CAL_UPDATE_SCHEDULE_BY_ID", "CAL_FETCH_SCHEDULE_BY_ID"),
        ("CAL_CREATE_TEAM_EVENT_TYPE", "CAL_RETRIEVE_TEAM_EVENT_TYPES"),
        ("CAL_DELETE_TEAM_FROM_ORGANIZATION", "CAL_GET_TEAM_DETAILS_BY_ORG_ID_AND_TEAM_ID"),
        ("CAL_DELETE_USER_FROM_ORGANIZATION", "CAL_RETRIEVE_USERS_IN_ORGANIZATION"),
        ("CAL_POST_SELECTED_CALENDARS", "CAL_RETRIEVE_CALENDAR_LIST"),
        ("CAL_SAVE_CALENDAR_ICS_FEEDS", "CAL_RETRIEVE_CALENDAR_LIST"),
        ("CAL_SAVE_STRIPE_DETAILS", "CAL_CHECK_STRIPE_STATUS"),
        ("CAL_CREATE_PHONE_CALL_EVENT", None),
        ("CAL_CREATE_PHONE_CALL_FOR_EVENT_TYPE", None),
        ("CAL_FORCE_REFRESH_USER_OAUTH_CLIENT", None),
        ("CAL_REFRESH_OAUTH_TOKEN_FOR_CLIENT_ID", None),
    ],
)
def test_what_a_write_changes_is_shown_by(write: str, shown_by: str | None) -> None:
    assert look_up_with(catalog, catalog[write]) == shown_by


@pytest.mark.parametrize("write", NAMED)
def test_what_shows_a_write_is_a_read_of_the_catalogue(write: str) -> None:
    assert catalog[str(look_up_with(catalog, catalog[write]))].effect == "read"


@pytest.mark.parametrize("write", NAMED)
def test_what_shows_a_write_needs_only_what_the_write_needed(write: str) -> None:
    needed = catalog[write].input.get("required", [])
    known = {*needed, *(ALSO.get(name, name) for name in needed)}
    read = catalog[str(look_up_with(catalog, catalog[write]))]
    assert set(read.input.get("required", [])) <= known


@pytest.mark.parametrize("write", NAMED)
def test_what_shows_a_write_takes_the_writes_own_params(write: str) -> None:
    read = catalog[str(look_up_with(catalog, catalog[write]))]
    params = taken_over(read.input.get("required", []), PARAMS[write])
    answer = executed(read.slug, params, lambda: httpx.Response(200, json={"data": {}}))
    assert answer.error is None


@pytest.mark.parametrize(
    "slug", [slug for slug, spec in catalog.items() if spec.lookup not in (None, "none")]
)
def test_a_lookup_in_an_action_file_names_a_read(slug: str) -> None:
    named = catalog.get(str(catalog[slug].lookup))
    assert named is not None
    assert named.effect == "read"


@pytest.mark.parametrize("slug", [slug for slug, spec in catalog.items() if spec.effect == "read"])
def test_the_file_of_a_read_has_no_lookup(slug: str) -> None:
    assert catalog[slug].lookup is None


# --- how it is found


def found(write: dict[str, Any], *others: dict[str, Any]) -> str | None:
    actions = catalog_of(write, *others)
    return look_up_with(actions, actions[write["slug"]])


CANCEL = document("CAL_CANCEL", "POST", "/v2/things/{uid}/cancel")
SHOW = document("CAL_SHOW", path="/v2/things/{uid}")
READ = document("CAL_READ", path="/v2/things")


def test_the_read_of_the_same_path_comes_first() -> None:
    same = document("CAL_SHOW_CANCEL", path="/v2/things/{uid}/cancel")
    assert found(CANCEL, READ, SHOW, same) == "CAL_SHOW_CANCEL"


def test_the_read_of_the_longest_beginning_comes_next() -> None:
    assert found(CANCEL, READ, SHOW) == "CAL_SHOW"


def test_a_beginning_may_be_several_parts_shorter() -> None:
    assert found(CANCEL, READ) == "CAL_READ"


def test_the_names_in_a_path_do_not_matter() -> None:
    other = document("CAL_OTHER", path="/v2/things/{teamId}")
    assert found(CANCEL, READ, other) == "CAL_OTHER"


@pytest.mark.parametrize(
    "path",
    ["/v2", "/v2/others", "/v2/thing", "/v2/things/abc", "/v2/things/{uid}/cancel/more"],
)
def test_the_read_of_no_beginning_is_not_named(path: str) -> None:
    assert found(CANCEL, document("CAL_OTHER", path=path)) is None


def test_a_get_that_writes_is_not_named() -> None:
    saving = document("CAL_SAVE", path="/v2/things/{uid}", effect="write")
    assert found(CANCEL, READ, saving) == "CAL_READ"


def test_an_action_of_several_requests_is_not_named() -> None:
    several = document("CAL_SEVERAL", path="/v2/things/{uid}", flow="organization_ids")
    assert found(CANCEL, READ, several) == "CAL_READ"


def test_what_the_file_names_goes_before_the_paths() -> None:
    assert found({**CANCEL, "lookup": "CAL_READ"}, READ, SHOW) == "CAL_READ"


def test_a_file_may_say_that_nothing_shows_it() -> None:
    assert found({**CANCEL, "lookup": "none"}, READ, SHOW) is None


def test_what_the_file_names_must_be_offered() -> None:
    assert found({**CANCEL, "lookup": "CAL_READ"}, SHOW) is None


# --- what a lost write says


def advice(write: str) -> str:
    named = look_up_with(catalog, catalog[write])
    how = f"look with {named}" if named else "look that up"
    return f"the call may have taken effect, so {how} before sending it again."


@pytest.mark.parametrize("fault", WITHOUT_AN_ANSWER)
@pytest.mark.parametrize("write", ONCE)
def test_a_write_without_an_answer_says_what_to_look_with(write: str, fault: str) -> None:
    envelope = executed(write, PARAMS[write], WITHOUT_AN_ANSWER[fault])
    assert str(envelope.error).endswith(advice(write))
    assert envelope.data["outcome_unknown"]


@pytest.mark.parametrize("fault", UNREADABLE)
@pytest.mark.parametrize("write", WRITES)
def test_a_write_with_an_unreadable_answer_says_what_to_look_with(write: str, fault: str) -> None:
    envelope = executed(write, PARAMS[write], UNREADABLE[fault])
    assert str(envelope.error).endswith(advice(write))
    assert envelope.data["outcome_unknown"]


@pytest.mark.parametrize("fault", FAILED)
@pytest.mark.parametrize("write", ONCE)
def test_a_write_that_failed_at_cal_com_says_what_to_look_with(write: str, fault: str) -> None:
    envelope = executed(write, PARAMS[write], FAILED[fault])
    assert str(envelope.error).endswith(advice(write))


@pytest.mark.parametrize("write", [slug for slug in WRITES if catalog[slug].idempotent])
def test_a_lost_write_that_changes_nothing_twice_names_no_lookup(write: str) -> None:
    assert lost(write).endswith("; sending it again is safe.")


def test_a_write_that_never_left_names_no_lookup() -> None:
    slug = "CAL_POST_NEW_BOOKING_REQUEST"
    envelope = executed(slug, PARAMS[slug], lambda: httpx.ConnectError("refused"))
    assert "look with" not in str(envelope.error)


def test_an_async_connector_names_it_too() -> None:
    slug = "CAL_POST_NEW_BOOKING_REQUEST"
    transport = answering(WITHOUT_AN_ANSWER["late"])

    async def book() -> Envelope:
        async with (
            httpx.AsyncClient(transport=transport) as client,
            AsyncConnector(api_key="cal_test", client=client) as connector,
        ):
            return await connector.execute(slug, PARAMS[slug])

    assert str(asyncio.run(book()).error).endswith(advice(slug))


def test_an_action_that_is_not_offered_is_not_named() -> None:
    slug = "CAL_POST_NEW_BOOKING_REQUEST"
    assert "so look that up before" in lost(slug, catalog.filter(slugs=[slug]))


def test_the_next_best_is_named_of_what_is_offered() -> None:
    slug = "CAL_RESCHEDULE_BOOKING_BY_UID"
    offered = catalog.filter(slugs=[slug, "CAL_FETCH_ALL_BOOKINGS"])
    assert "so look with CAL_FETCH_ALL_BOOKINGS before" in lost(slug, offered)


def test_what_the_file_names_is_not_told_unless_offered() -> None:
    slug = "CAL_SAVE_STRIPE_DETAILS"
    offered = catalog.filter(slugs=[slug, "CAL_RETRIEVE_CALENDAR_LIST"])
    assert "so look that up before" in lost(slug, offered)


def test_the_named_action_shows_the_booking_whose_answer_was_lost() -> None:
    params = {
        "eventTypeId": 1,
        "start": "2030-01-07T10:00:00Z",
        "attendee": {"name": "Ann", "email": "ann@client.example", "timeZone": "UTC"},
    }
    now = datetime(2030, 1, 7, 8, tzinfo=UTC)
    with Sandbox(now=now) as sandbox, Connector.sandbox(sandbox) as connector:
        sandbox.inject.drop_connection(handled=True)
        envelope = connector.execute("CAL_POST_NEW_BOOKING_REQUEST", params)
        named = str(envelope.error).partition("look with ")[2].partition(" ")[0]
        shown = connector.execute(named)
    assert params["attendee"]["email"] in str(shown.data)
