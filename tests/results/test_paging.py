"""Reading lists page by page: `paginate` of both connectors, and how each action pages."""

import asyncio
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from cal_actions import AsyncConnector, Connector, ConnectorClosed, Envelope, catalog
from cal_actions.errors import ActionError
from cal_actions.results.page import Page
from cal_actions.results.paging import Pages, Paging
from cal_actions.sandbox import Sandbox
from tests.made_up import catalog_of, document

MANY = 7
CLIENT = "cal_sandbox_client"
START = datetime(2030, 1, 7, 9, tzinfo=UTC)
PAGED = {
    "CAL_FETCH_ALL_BOOKINGS": {},
    "CAL_GET_OAUTH_CLIENTS_USER": {"clientId": CLIENT},
    "CAL_GET_ORGANIZATION_SCHEDULES": {"orgId": 1},
    "CAL_GET_ORGANIZATION_TEAMS_EVENT_TYPES": {"orgId": 1},
    "CAL_LIST_ORGANIZATION_MEMBERSHIPS": {"orgId": 1},
    "CAL_RETRIEVE_CURRENT_TEAM_FOR_ORGANIZATION": {"orgId": 1},
    "CAL_RETRIEVE_ORGANIZATION_ATTRIBUTES": {"orgId": 1},
    "CAL_RETRIEVE_ORGANIZATION_WEBHOOKS_BY_ORG_ID": {"orgId": 1},
    "CAL_RETRIEVE_TEAM_DETAILS_IN_ORGANIZATION": {"orgId": 1},
    "CAL_RETRIEVE_TEAM_MEMBERSHIPS": {"teamId": 3},
    "CAL_RETRIEVE_TEAM_MEMBERSHIPS_FOR_ORGANIZATION": {"orgId": 1, "teamId": 3},
    "CAL_RETRIEVE_USERS_IN_ORGANIZATION": {"orgId": 1},
    "CAL_RETRIEVE_WEBHOOKS_FOR_EVENT_TYPE": {"eventTypeId": 1},
    "CAL_RETRIEVE_WEBHOOKS_LIST": {},
    "CAL_RETRIEVE_WEBHOOK_DETAILS_FOR_OAUTH_CLIENT": {"clientId": CLIENT},
}
AT_ONCE: dict[str, dict[str, Any]] = {
    "CAL_GET_ALL_TIMEZONES": {},
    "CAL_GET_ORGANIZATION_USER_SCHEDULES": {"orgId": 1, "userId": 1},
    "CAL_GET_SCHEDULE_FOR_USER_IN_TEAM": {"orgId": 1, "teamId": 3, "userId": 1},
    "CAL_GET_TEAMS_LIST": {},
    "CAL_LIST_EVENT_TYPES": {"username": "sam"},
    "CAL_LIST_TEAM_EVENT_TYPES_BY_ORG_AND_TEAM_ID": {"orgId": 1, "teamId": 3},
    "CAL_RETRIEVE_ATTRIBUTE_OPTIONS_FOR_ORG": {"orgId": 1, "attributeId": "a0"},
    "CAL_RETRIEVE_ORGANIZATION_ATTRIBUTES_OPTIONS": {"orgId": 1, "userId": 1},
    "CAL_RETRIEVE_SCHEDULES_LIST": {},
    "CAL_RETRIEVE_TEAM_EVENT_TYPES": {"teamId": 3},
    "CAL_RETRIEVE_V2_CONFERENCING_INFO": {},
}


def crowded(bookings: int = MANY) -> dict[str, Any]:
    """The built-in world with some more of everything that is listed page by page."""
    with Sandbox(now=START) as sandbox:
        world: dict[str, Any] = deepcopy(dict(sandbox.state()))
    for number in range(MANY):
        name, user, team = f"n{number}", 10 + number, 10 + number
        managed = {"id": 100 + number, "username": f"m{name}", "email": f"m{name}@example.com"}
        world["users"] += [
            {"id": user, "username": name, "name": name, "email": f"{name}@example.com"},
            managed | {"name": name, "oAuthClientId": CLIENT},
        ]
        world["teams"].append({"id": team, "parentId": 1, "name": name, "slug": name})
        world["memberships"] += [
            {"teamId": 1, "userId": user, "role": "MEMBER", "accepted": True},
            {"teamId": 3, "userId": user, "role": "MEMBER", "accepted": True},
            {"teamId": team, "userId": 1, "role": "OWNER", "accepted": True},
        ]
        world["profiles"].append({"userId": user, "organizationId": 1, "username": name})
        world["schedules"].append(
            {
                "id": 100 + number,
                "ownerId": user,
                "name": name,
                "timeZone": "UTC",
                "availability": [],
            }
        )
        world["eventTypes"].append(
            {
                "id": 100 + number,
                "teamId": 3,
                "schedulingType": "ROUND_ROBIN",
                "slug": name,
                "title": name,
                "lengthInMinutes": 30,
            }
        )
        world["attributes"].append(
            {"id": f"a{number}", "teamId": 1, "type": "TEXT", "name": name, "slug": name}
        )
        for owner in ({"userId": 1}, {"eventTypeId": 1}, {"teamId": 1}, {"oAuthClientId": CLIENT}):
            hook = f"{next(iter(owner))}-{number}"
            world["webhooks"].append(
                {
                    "id": hook,
                    "subscriberUrl": f"https://app.example/{hook}",
                    "triggers": ["BOOKING_CREATED"],
                    "active": True,
                    **owner,
                }
            )
    for number in range(bookings):
        starts = START + timedelta(hours=number)
        world["bookings"].append(
            {
                "id": number + 1,
                "uid": f"booking{number}",
                "hostId": 1,
                "eventTypeId": 1,
                "title": "Meeting",
                "start": f"{starts:%Y-%m-%dT%H:%M:%S}.000Z",
                "end": f"{starts + timedelta(minutes=30):%Y-%m-%dT%H:%M:%S}.000Z",
            }
        )
    return world


class Cal:
    """A connector to a crowded sandbox, and the requests that it sent."""

    def __init__(self, sandbox: Sandbox, **options: Any) -> None:
        self.sent: list[str] = []
        options["on_request"] = lambda event: self.sent.append(event.slug)
        self.sync = Connector.sandbox(sandbox, **options)
        self._sandbox, self._options = sandbox, options

    def all_async(self, slug: str, params: dict[str, Any], **more: Any) -> list[Any]:
        async def collected() -> list[Any]:
            async with AsyncConnector.sandbox(self._sandbox, **self._options) as connector:
                return [item async for item in connector.paginate(slug, params, **more)]

        return asyncio.run(collected())


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=START, world=crowded()) as made:
        yield made


@pytest.fixture
def cal(sandbox: Sandbox) -> Cal:
    return Cal(sandbox)


def test_every_list_of_the_catalogue_is_tried_here() -> None:
    lists = {
        slug
        for slug, spec in catalog.items()
        if "items" in spec.output.get("properties", {}) and spec.effect == "read"
    }
    assert lists == {*PAGED, *AT_ONCE, "CAL_RETRIEVE_CALENDAR_BUSY_TIMES"}  # needs a calendar
    assert {slug for slug in lists if Paging.of(catalog[slug])} == {*PAGED}


@pytest.mark.parametrize(("slug", "params"), PAGED.items())
def test_all_items_come_once_and_in_order(cal: Cal, slug: str, params: dict[str, Any]) -> None:
    expected = cal.sync.execute(slug, params).raise_for_error().data["items"]
    assert len(expected) >= MANY
    pages = -(-len(expected) // 3)
    cal.sent.clear()
    assert list(cal.sync.paginate(slug, params, page_size=3)) == expected
    assert pages <= len(cal.sent) <= pages + 1
    assert cal.all_async(slug, params, page_size=3) == expected


@pytest.mark.parametrize(("slug", "params"), AT_ONCE.items())
def test_a_list_without_pages_is_one_request(cal: Cal, slug: str, params: dict[str, Any]) -> None:
    expected = cal.sync.execute(slug, params).raise_for_error().data["items"]
    cal.sent.clear()
    assert list(cal.sync.paginate(slug, params, page_size=3)) == expected
    assert cal.sent == [slug]


def test_more_than_the_largest_page_comes_too() -> None:
    with Sandbox(now=START, world=crowded(bookings=600)) as sandbox:
        cal = Cal(sandbox)
        uids = [booking["uid"] for booking in cal.sync.paginate("CAL_FETCH_ALL_BOOKINGS")]
    assert uids == [f"booking{number}" for number in range(600)]
    assert len(cal.sent) == 3


def test_slots_come_without_their_days(cal: Cal) -> None:
    days = {"eventTypeId": 2, "startTime": "2030-01-08", "endTime": "2030-01-09"}
    slots = cal.sync.execute("CAL_GET_AVAILABLE_SLOTS_INFO", days).data
    assert len(slots) == 2
    flat = [slot for day in slots.values() for slot in day]
    assert list(cal.sync.paginate("CAL_GET_AVAILABLE_SLOTS_INFO", days)) == flat


def test_data_that_is_itself_a_list_is_iterated(cal: Cal) -> None:
    assert list(cal.sync.paginate("CAL_GET_ORGANIZATION_ID")) == ["1", "2"]


@pytest.mark.parametrize("unwrap", [True, False])
def test_it_begins_at_the_callers_own_skip(sandbox: Sandbox, unwrap: bool) -> None:
    cal = Cal(sandbox, unwrap=unwrap)
    found = cal.sync.paginate("CAL_FETCH_ALL_BOOKINGS", {"skip": "2"}, page_size=3)
    assert [booking["id"] for booking in found] == [3, 4, 5, 6, 7]


def test_the_callers_own_take_is_the_size_of_a_page(cal: Cal) -> None:
    params = {"take": 4}
    assert len(list(cal.sync.paginate("CAL_FETCH_ALL_BOOKINGS", params))) == MANY
    assert len(cal.sent) == 2
    assert params == {"take": 4}


def test_a_page_is_fetched_when_it_is_needed(cal: Cal) -> None:
    bookings = cal.sync.paginate("CAL_FETCH_ALL_BOOKINGS", page_size=2)
    sent = [len(cal.sent)]
    for _ in range(3):
        next(bookings)
        sent.append(len(cal.sent))
    assert sent == [0, 1, 1, 2]


def test_no_page_is_trimmed(sandbox: Sandbox) -> None:
    cal = Cal(sandbox, max_result_tokens=60)
    assert len(list(cal.sync.paginate("CAL_FETCH_ALL_BOOKINGS", page_size=5))) == MANY


def test_another_caller_may_be_meant(cal: Cal) -> None:
    hooks = cal.sync.paginate("CAL_RETRIEVE_WEBHOOKS_LIST", auth="cal_sandbox_member")
    assert list(hooks) == []


@pytest.mark.parametrize(
    ("slug", "params", "code"),
    [
        ("CAL_FETCH_ALL_BOOKING", {}, "unknown_action"),
        ("CAL_FETCH_ALL_BOOKINGS", {"take": 251}, "invalid_params"),
        ("CAL_FETCH_ALL_BOOKINGS", {"skip": "two"}, "invalid_params"),
        ("CAL_FETCH_ALL_BOOKINGS", [1], "invalid_params"),
        ("CAL_RETRIEVE_TEAM_MEMBERSHIPS", {"teamId": 99}, "forbidden"),
    ],
)
def test_what_execute_would_answer_as_a_failure_is_raised(
    cal: Cal, slug: str, params: Any, code: str
) -> None:
    with pytest.raises(ActionError) as sync_error:
        list(cal.sync.paginate(slug, params))
    with pytest.raises(ActionError) as async_error:
        cal.all_async(slug, params)
    assert sync_error.value.code == async_error.value.code == code


@pytest.mark.parametrize(
    ("slug", "page_size", "error", "said"),
    [
        ("CAL_RETRIEVE_MY_INFORMATION", None, ValueError, "answers no list: call it with execute"),
        ("CAL_POST_NEW_BOOKING_REQUEST", None, ValueError, "answers no list"),
        ("CAL_FETCH_ALL_BOOKINGS", 251, ValueError, "page_size must be from 1 to 250"),
        ("CAL_RETRIEVE_USERS_IN_ORGANIZATION", 1001, ValueError, "from 1 to 1000"),
        ("CAL_GET_TEAMS_LIST", 0, ValueError, "page_size must be at least 1, not 0"),
        ("CAL_FETCH_ALL_BOOKINGS", "9", TypeError, "page_size must be an integer, not str"),
    ],
)
def test_misuse_is_told_before_the_first_item_is_asked_for(
    cal: Cal, slug: str, page_size: Any, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        cal.sync.paginate(slug, page_size=page_size)


def test_a_closed_connector_lists_nothing(cal: Cal) -> None:
    cal.sync.close()
    with pytest.raises(ConnectorClosed):
        cal.sync.paginate("CAL_FETCH_ALL_BOOKINGS")


# Servers that answer in their own ways.

TAKE = {"type": "integer", "minimum": 1, "maximum": 3, "description": "How many."}
SKIP = {"type": "integer", "minimum": 0, "description": "How many to pass over."}
LISTED = {"output": {"type": "object", "properties": {"items": {"type": "array"}}}}
Answer = Callable[[int, int], dict[str, Any]]


def listed(
    answer: Answer, params: dict[str, Any] | None = None, furthest: int | None = None
) -> Iterator[Any]:
    """Items of a list whose pages `answer` gives for take and skip."""
    skip = SKIP if furthest is None else SKIP | {"maximum": furthest}
    name = {"type": "string", "description": "Only this name."}
    properties = {"take": TAKE, "skip": skip, "sortName": name, "name": name}
    actions = catalog_of(document("CAL_LIST", properties=properties, **LISTED))

    def handle(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        body = answer(int(asked["take"]), int(asked["skip"]))
        return httpx.Response(200, json={"status": "success", **body})

    with (
        httpx.Client(transport=httpx.MockTransport(handle)) as client,
        Connector(client=client, actions=actions, api_key="k") as connector,
    ):
        yield from connector.paginate("CAL_LIST", params)


def test_has_next_page_ends_a_list_whose_last_page_is_full() -> None:
    asked = []

    def answer(take: int, skip: int) -> dict[str, Any]:
        asked.append(skip)
        more = skip + take < 6
        return {"data": [*range(skip, skip + take)], "pagination": {"hasNextPage": more}}

    assert list(listed(answer)) == [*range(6)]
    assert asked == [0, 3]


def test_has_next_page_goes_on_after_a_short_page() -> None:
    pages = {0: [0, 1], 2: [2], 3: [3, 4]}

    def answer(_: int, skip: int) -> dict[str, Any]:
        return {"data": pages[skip], "pagination": {"hasNextPage": skip < 3}}

    assert list(listed(answer)) == [*range(5)]


def test_an_empty_page_ends_a_list_that_promises_more() -> None:
    def answer(take: int, skip: int) -> dict[str, Any]:
        return {"data": [*range(6)][skip : skip + take], "pagination": {"hasNextPage": True}}

    assert list(listed(answer)) == [*range(6)]


def test_no_data_at_all_is_an_empty_list() -> None:
    assert list(listed(lambda _take, _skip: {"data": None})) == []


def test_an_answer_without_a_list_is_told() -> None:
    with pytest.raises(ActionError, match="CAL_LIST answered no list") as caught:
        list(listed(lambda _take, _skip: {"data": {"id": 7}}))
    assert caught.value.code == "unreadable_response"


def test_a_server_that_gives_all_at_once_is_read_once() -> None:
    assert list(listed(lambda _take, _skip: {"data": [*range(5)]})) == [*range(5)]


def test_a_server_that_passes_nothing_over_is_told_and_not_asked_for_ever() -> None:
    items = listed(lambda take, _skip: {"data": [*range(take)]})
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ActionError, match="answers the same page again for skip=3") as caught:
        next(items)
    assert caught.value.code == "rejected"


@pytest.mark.parametrize("take", [1, 2, 3])
@pytest.mark.parametrize("many", range(8))
def test_a_list_is_read_up_to_its_largest_offset_and_what_is_beyond_is_told(
    take: int, many: int
) -> None:
    furthest = 4

    def answer(take: int, skip: int) -> dict[str, Any]:
        assert skip <= furthest
        return {"data": [*range(many)][skip : skip + take]}

    items = listed(answer, {"take": take}, furthest)
    reach = furthest + 3
    assert [next(items) for _ in range(min(many, reach))] == [*range(min(many, reach))]
    if many < reach:
        assert next(items, None) is None
        return
    with pytest.raises(ActionError) as caught:
        next(items)
    assert caught.value.message == (
        "Cal.com gives no more than the first 7 of CAL_LIST: narrow it with name."
    )


def test_pages_are_params_and_take_data() -> None:
    pages = Pages(catalog["CAL_GET_OAUTH_CLIENTS_USER"], {"clientId": "c"}, 2)
    asked = []
    for params in pages:
        asked.append(params)
        envelope = Envelope.success({"items": [1, 2] if len(asked) == 1 else [3]})
        assert pages.items(Page(envelope, envelope))
    assert asked == [
        {"clientId": "c", "limit": 2, "offset": 0},
        {"clientId": "c", "limit": 2, "offset": 2},
    ]
