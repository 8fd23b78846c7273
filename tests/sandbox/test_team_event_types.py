"""The event types of teams, inside an organization and on their own."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.team_world import (
    ACME,
    ADA,
    CHESS,
    CLIENT,
    ELSEWHERE,
    FAR,
    MAX,
    MIA,
    NOWHERE,
    OLIVIA,
    OSCAR,
    PETRA,
    SALES,
    SUPPORT,
    TESS,
    WORLD,
    key,
    membership_id,
    user_id,
)

OF_SALES = f"/v2/organizations/{ACME}/teams/{SALES}/event-types"
OF_SUPPORT = f"/v2/organizations/{ACME}/teams/{SUPPORT}/event-types"
OF_CHESS = f"/v2/teams/{CHESS}/event-types"
OF_ACME = f"/v2/organizations/{ACME}/teams/event-types"
OWN = "/v2/event-types"
NEW = {"title": "Demo", "slug": "demo", "lengthInMinutes": 30, "schedulingType": "collective"}
HOSTS = [
    {"userId": user_id(MAX), "mandatory": True, "priority": "high"},
    {"userId": user_id(TESS)},
]
BOTH = pytest.mark.parametrize(
    ("collection", "name"), [(OF_SALES, OLIVIA), (OF_CHESS, OSCAR)], ids=["organization", "own"]
)


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def call(sandbox: Sandbox) -> Caller:
    made = Caller(sandbox)
    made.version = "2024-06-14"
    return made


@pytest.fixture
def demo(call: Any) -> int:
    """A collective event type of SALES, hosted by Max and Tess."""
    event_type_id: int = create(call, hosts=HOSTS)["id"]
    return event_type_id


@pytest.fixture
def managed(call: Any) -> int:
    """A managed event type of SALES with a child for Max and one for Tess."""
    event_type_id: int = create(call, hosts=HOSTS, schedulingType="managed")[0]["id"]
    return event_type_id


def create(call: Any, collection: str = OF_SALES, name: str = OLIVIA, **fields: Any) -> Any:
    told = call("POST", collection, {**NEW, **fields}, key=key(name))
    assert told.status == 201
    return told.data


def get(call: Any, event_type_id: int) -> Any:
    return call("GET", f"{OF_SALES}/{event_type_id}", key=key(OLIVIA)).data


def patch(call: Any, event_type_id: int, **fields: Any) -> Any:
    return call("PATCH", f"{OF_SALES}/{event_type_id}", fields, key=key(OLIVIA))


def hosts(shown: Any) -> list[str]:
    return [host["username"] for host in shown["hosts"]]


def own(call: Any, name: str) -> Any:
    """The event types that a user has."""
    told = call("GET", f"{OWN}?username={name}", key=key(name))
    return told.data if told.status == 200 else []


def listed(call: Any, target: str) -> Any:
    """The answer to someone without credentials."""
    return call("GET", target, key=None)


def slugs(told: Any) -> list[str]:
    return [event_type["slug"] for event_type in told.data]


@BOTH
def test_a_new_event_type_is_shown_as_it_was_given(call: Any, collection: str, name: str) -> None:
    fields = {"description": "We show it.", "beforeEventBuffer": 15, "hidden": True}
    shown = create(call, collection, name, **fields)
    assert {**NEW, **fields}.items() <= shown.items()
    assert call("GET", f"{collection}/{shown['id']}", key=key(name)).data == shown


def test_it_belongs_to_the_team_and_to_no_user(call: Any, demo: int) -> None:
    shown = get(call, demo)
    assert (shown["teamId"], shown["ownerId"], shown["parentEventTypeId"]) == (SALES, None, None)


def test_it_is_no_event_type_of_its_hosts(call: Any, demo: int) -> None:
    assert own(call, MAX) == []
    assert call("GET", f"{OWN}/{demo}", key=key(MAX)).status == 404


def test_hosts_are_shown_in_the_order_given(call: Any, demo: int) -> None:
    assert hosts(get(call, demo)) == [MAX, TESS]


def test_a_host_of_round_robin_is_mandatory_and_has_a_priority(call: Any) -> None:
    shown = create(call, hosts=HOSTS, schedulingType="roundRobin")
    told = [(host["mandatory"], host["priority"]) for host in shown["hosts"]]
    assert told == [(True, "high"), (False, "medium")]


def test_only_hosts_of_round_robin_are_mandatory(call: Any, demo: int) -> None:
    assert all("mandatory" not in host for host in get(call, demo)["hosts"])


def test_an_event_type_may_have_no_hosts(call: Any) -> None:
    assert hosts(create(call)) == []


@pytest.mark.parametrize("scheduling_type", ["roundRobin", "collective"])
def test_all_members_of_the_team_can_be_assigned(call: Any, scheduling_type: str) -> None:
    shown = create(call, schedulingType=scheduling_type, assignAllTeamMembers=True)
    assert shown["assignAllTeamMembers"] is True
    assert hosts(shown) == [OLIVIA, TESS, MAX]


def test_a_new_member_hosts_what_assigns_all_members(call: Any) -> None:
    everyone = create(call, assignAllTeamMembers=True)["id"]
    chosen = create(call, slug="chosen", hosts=HOSTS)["id"]
    join(call, MIA)
    assert hosts(get(call, everyone)) == [OLIVIA, TESS, MAX, MIA]
    assert hosts(get(call, chosen)) == [MAX, TESS]


def test_a_new_member_gets_a_child_of_what_assigns_all_members(call: Any) -> None:
    create(call, assignAllTeamMembers=True, schedulingType="managed")
    join(call, MIA)
    assert [one["slug"] for one in own(call, MIA)] == ["demo"]


def join(call: Any, name: str) -> None:
    body = {"userId": user_id(name), "role": "MEMBER", "accepted": True}
    target = f"/v2/organizations/{ACME}/teams/{SALES}/memberships"
    assert call("POST", target, body, key=key(OLIVIA)).status == 201


def test_who_leaves_the_team_hosts_no_more(call: Any, demo: int) -> None:
    leave(call, MAX)
    assert hosts(get(call, demo)) == [TESS]


def test_who_leaves_the_team_loses_the_child(call: Any, managed: int) -> None:
    leave(call, MAX)
    assert own(call, MAX) == []
    assert hosts(get(call, managed)) == [TESS]


def leave(call: Any, name: str) -> None:
    target = f"/v2/organizations/{ACME}/teams/{SALES}/memberships/{membership_id(SALES, name)}"
    assert call("DELETE", target, key=key(OLIVIA)).status == 200


@BOTH
def test_hosts_from_outside_the_team_are_refused(call: Any, collection: str, name: str) -> None:
    body = {**NEW, "hosts": [{"userId": user_id(MIA)}, {"userId": NOWHERE}]}
    told = call("POST", collection, body, key=key(name))
    assert told.status == 404
    assert told.error["message"].startswith(f"Invalid hosts: {user_id(MIA)}, {NOWHERE} are not")


def test_a_refused_event_type_is_not_made(call: Any) -> None:
    call("POST", OF_SALES, {**NEW, "hosts": [{"userId": user_id(MIA)}]}, key=key(OLIVIA))
    assert slugs(listed(call, OF_SALES)) == []


def test_a_host_is_named_once(call: Any) -> None:
    body = {**NEW, "hosts": [HOSTS[0], HOSTS[0]]}
    assert call("POST", OF_SALES, body, key=key(OLIVIA)).status == 409


@pytest.mark.parametrize(
    "fields",
    [
        {"schedulingType": "roundrobin"},
        {"schedulingType": None},
        {"hosts": {"userId": user_id(MAX)}},
        {"hosts": [{"mandatory": True}]},
        {"hosts": [{"userId": str(user_id(MAX))}]},
        {"hosts": [{"userId": user_id(MAX), "priority": "urgent"}]},
        {"assignAllTeamMembers": "yes"},
        {"lengthInMinutes": 0},
        {"slug": None},
    ],
)
def test_wrong_fields_are_refused(call: Any, fields: dict[str, Any]) -> None:
    told = call("POST", OF_SALES, {**NEW, **fields}, key=key(OLIVIA))
    assert told.status == 400
    wrong = {one["property"] for one in told.error["details"]["errors"]}
    assert wrong == fields.keys()


@pytest.mark.parametrize("name", NEW)
def test_what_an_event_type_needs_is_asked_for(call: Any, name: str) -> None:
    body = {word: value for word, value in NEW.items() if word != name}
    told = call("POST", OF_SALES, body, key=key(OLIVIA))
    assert told.status == 400
    assert set(told.constraints) == {name}


def test_a_team_may_meet_in_the_organizers_default_app(call: Any) -> None:
    locations = [{"type": "organizersDefaultApp"}]
    assert create(call, locations=locations)["locations"] == locations


def test_a_slug_is_unique_in_its_team(call: Any, demo: int) -> None:
    told = call("POST", OF_SALES, NEW, key=key(OLIVIA))
    assert (told.status, told.error["message"]) == (
        400,
        "Team event type with this slug already exists",
    )


def test_another_team_may_use_the_same_slug(call: Any, demo: int) -> None:
    assert create(call, OF_SUPPORT)["slug"] == get(call, demo)["slug"]


def test_a_schedule_must_be_the_callers_own(call: Any) -> None:
    schedule = {"name": "Hours", "timeZone": "UTC", "isDefault": False}
    of_max = call("POST", "/v2/schedules", schedule, key=key(MAX), version="2024-06-11").data["id"]
    for schedule_id in (of_max, 9999):
        body = {**NEW, "scheduleId": schedule_id}
        assert call("POST", OF_SALES, body, key=key(OLIVIA)).status == 404


@BOTH
def test_a_change_replaces_what_is_given_alone(call: Any, collection: str, name: str) -> None:
    before = create(call, collection, name, hosts=[HOSTS[0]], description="Old")
    target = f"{collection}/{before['id']}"
    told = call("PATCH", target, {"title": "Tour", "beforeEventBuffer": 5}, key=key(name))
    assert told.status == 200
    assert told.data == {**before, "title": "Tour", "beforeEventBuffer": 5}
    assert call("GET", target, key=key(name)).data == told.data


def test_given_hosts_replace_the_hosts(call: Any, demo: int) -> None:
    assert hosts(patch(call, demo, hosts=[{"userId": user_id(OLIVIA)}]).data) == [OLIVIA]
    assert hosts(patch(call, demo, hosts=[]).data) == []


def test_all_members_can_be_assigned_later(call: Any, demo: int) -> None:
    assert hosts(patch(call, demo, assignAllTeamMembers=True).data) == [OLIVIA, TESS, MAX]


def test_who_is_assigned_stays_when_new_members_no_longer_are(call: Any, demo: int) -> None:
    patch(call, demo, assignAllTeamMembers=True)
    shown = patch(call, demo, assignAllTeamMembers=False).data
    assert shown["assignAllTeamMembers"] is False
    assert hosts(shown) == [OLIVIA, TESS, MAX]


def test_a_change_to_hosts_from_outside_the_team_is_refused(call: Any, demo: int) -> None:
    assert patch(call, demo, title="Tour", hosts=[{"userId": user_id(MIA)}]).status == 404
    assert get(call, demo)["title"] == "Demo"


def test_the_scheduling_type_stays_as_it_is(call: Any, demo: int) -> None:
    assert patch(call, demo, schedulingType="managed").data["schedulingType"] == "collective"


def test_a_slug_that_the_team_uses_is_refused_in_a_change(call: Any, demo: int) -> None:
    other = create(call, slug="other")["id"]
    assert patch(call, other, slug="demo").status == 400


def test_a_new_slug_is_taken(call: Any, demo: int) -> None:
    assert patch(call, demo, slug="tour").data["slug"] == "tour"


def test_an_event_type_of_another_team_is_not_found(call: Any, demo: int) -> None:
    target = f"{OF_SUPPORT}/{demo}"
    assert call("GET", target, key=key(OLIVIA)).status == 404
    assert call("PATCH", target, {"title": "Mine"}, key=key(OLIVIA)).status == 400
    assert call("DELETE", target, key=key(OLIVIA)).status == 404
    assert get(call, demo)["title"] == "Demo"


@BOTH
def test_a_deleted_event_type_is_gone(call: Any, collection: str, name: str) -> None:
    target = f"{collection}/{create(call, collection, name)['id']}"
    assert call("DELETE", target, key=key(name)).status == 200
    assert call("GET", target, key=key(name)).status == 404
    assert call("DELETE", target, key=key(name)).status == 404


def test_a_managed_event_type_makes_a_child_for_each_host(call: Any) -> None:
    parent, *children = create(call, hosts=HOSTS, schedulingType="managed")
    assert hosts(parent) == [MAX, TESS]
    assert [child["ownerId"] for child in children] == [user_id(MAX), user_id(TESS)]
    assert {child["parentEventTypeId"] for child in children} == {parent["id"]}
    assert {child["slug"] for child in children} == {"demo"}


def test_a_child_is_an_event_type_of_its_owner(call: Any, managed: int) -> None:
    (child,) = own(call, MAX)
    told = call("GET", f"{OWN}/{child['id']}", key=key(MAX))
    assert (told.data["ownerId"], told.data["title"]) == (user_id(MAX), "Demo")


def test_children_follow_their_parent(call: Any, managed: int) -> None:
    parent, *children = patch(call, managed, title="Tour", slug="tour", lengthInMinutes=45).data
    for shown in (parent, *children, *own(call, MAX), *own(call, TESS)):
        assert (shown["title"], shown["slug"], shown["lengthInMinutes"]) == ("Tour", "tour", 45)


def test_children_come_and_go_with_the_hosts(call: Any, managed: int) -> None:
    (kept,) = own(call, TESS)
    people = [{"userId": user_id(TESS)}, {"userId": user_id(OLIVIA)}]
    patch(call, managed, hosts=people)
    assert own(call, MAX) == []
    assert [one["id"] for one in own(call, TESS)] == [kept["id"]]
    assert [one["slug"] for one in own(call, OLIVIA)] == ["demo"]


def test_children_go_with_their_parent(call: Any, managed: int) -> None:
    call("DELETE", f"{OF_SALES}/{managed}", key=key(OLIVIA))
    assert own(call, MAX) == own(call, TESS) == []


def test_a_child_replaces_the_event_type_of_its_owner_with_its_slug(call: Any) -> None:
    body = {"title": "My own", "slug": "demo", "lengthInMinutes": 15}
    call("POST", OWN, body, key=key(MAX))
    create(call, hosts=HOSTS, schedulingType="managed")
    assert [one["title"] for one in own(call, MAX)] == ["Demo"]


def test_a_child_never_replaces_one_of_another_parent(call: Any, managed: int) -> None:
    body = {**NEW, "schedulingType": "managed", "hosts": [{"userId": user_id(MAX)}]}
    assert call("POST", OF_CHESS, body, key=key(OSCAR)).status == 409
    assert slugs(listed(call, OF_CHESS)) == []


def test_the_list_of_a_team_leaves_out_children(call: Any, managed: int) -> None:
    assert [one["id"] for one in listed(call, OF_SALES).data] == [managed]


@BOTH
def test_everyone_may_list_the_event_types_of_a_team(call: Any, collection: str, name: str) -> None:
    create(call, collection, name)
    create(call, collection, name, slug="tour")
    told = listed(call, collection)
    assert (told.status, slugs(told)) == (200, ["demo", "tour"])


def test_a_list_tells_about_the_team(call: Any, demo: int) -> None:
    (shown,) = listed(call, OF_SALES).data
    assert (shown["team"]["name"], shown["team"]["slug"]) == ("Sales", "sales")
    assert get(call, demo)["team"] == {"id": SALES}


def test_a_list_finds_one_by_its_slug(call: Any, demo: int) -> None:
    create(call, slug="tour")
    assert slugs(listed(call, f"{OF_SALES}?eventSlug=tour")) == ["tour"]
    assert slugs(listed(call, f"{OF_SALES}?eventSlug=nothing")) == []


@pytest.mark.parametrize(("limit", "shown"), [(1, [MAX]), (9, [MAX, TESS]), (0, [MAX, TESS])])
def test_the_hosts_shown_can_be_limited(call: Any, demo: int, limit: int, shown: list[str]) -> None:
    (found,) = listed(call, f"{OF_SALES}?eventSlug=demo&hostsLimit={limit}").data
    assert hosts(found) == shown


def test_a_limit_of_hosts_is_a_number(call: Any) -> None:
    assert listed(call, f"{OF_SALES}?hostsLimit=few").status == 400


def test_only_existing_teams_of_an_organization_are_listed(call: Any) -> None:
    assert listed(call, f"/v2/organizations/{NOWHERE}/teams/{SALES}/event-types").status == 403
    assert listed(call, f"/v2/organizations/{ACME}/teams/{FAR}/event-types").status == 404


def test_the_list_of_an_organization_has_those_of_all_its_teams(call: Any, demo: int) -> None:
    create(call, OF_SUPPORT, slug="help")
    create(call, OF_CHESS, OSCAR, slug="blitz")
    create(call, slug="tour")
    assert slugs(call("GET", OF_ACME, key=key(ADA))) == ["demo", "help", "tour"]


def test_the_list_of_an_organization_has_pages(call: Any, demo: int) -> None:
    create(call, OF_SUPPORT, slug="help")
    create(call, slug="tour")
    assert slugs(call("GET", f"{OF_ACME}?take=1&skip=1", key=key(ADA))) == ["help"]
    assert call("GET", f"{OF_ACME}?take=251", key=key(ADA)).status == 400


@pytest.mark.parametrize(("name", "status"), [(MAX, 403), (OSCAR, 403), (None, 401)])
def test_the_list_of_an_organization_is_for_its_admins(
    call: Any, name: str | None, status: int
) -> None:
    assert call("GET", OF_ACME, key=name and key(name)).status == status


def test_the_list_of_an_organization_breaks_where_faults_are_played(clock: Clock) -> None:
    with Sandbox(now=clock, world=WORLD, server_faults=True) as faulty:
        assert Caller(faulty)("GET", OF_ACME, key=key(OLIVIA)).status == 500


@pytest.mark.parametrize(
    ("collection", "name", "status"),
    [
        (OF_SALES, OLIVIA, 201),
        (OF_SALES, TESS, 201),
        (OF_SALES, ADA, 201),
        (OF_SALES, MAX, 403),
        (OF_SALES, MIA, 403),
        (OF_SALES, OSCAR, 403),
        (OF_SALES, None, 401),
        (OF_CHESS, OSCAR, 201),
        (OF_CHESS, TESS, 201),
        (OF_CHESS, MAX, 403),
        (OF_CHESS, OLIVIA, 403),
        (OF_CHESS, PETRA, 403),
        (OF_CHESS, None, 401),
        (f"/v2/organizations/{ELSEWHERE}/teams/{FAR}/event-types", OLIVIA, 403),
        (f"/v2/organizations/{ACME}/teams/{FAR}/event-types", OLIVIA, 404),
    ],
)
def test_admins_of_the_team_and_of_its_organization_may_create(
    call: Any, collection: str, name: str | None, status: int
) -> None:
    assert call("POST", collection, NEW, key=name and key(name)).status == status


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize(("name", "status"), [(MAX, 403), (OSCAR, 403), (None, 401)])
def test_a_member_may_neither_read_change_nor_delete_a_single_one(
    call: Any, demo: int, method: str, name: str | None, status: int
) -> None:
    body = {"title": "Mine"} if method == "PATCH" else None
    told = call(method, f"{OF_SALES}/{demo}", body, key=name and key(name))
    assert told.status == status
    assert get(call, demo)["title"] == "Demo"


@pytest.mark.parametrize("name", [TESS, ADA])
def test_admins_may_read_change_and_delete(call: Any, demo: int, name: str) -> None:
    target = f"{OF_SALES}/{demo}"
    assert call("GET", target, key=key(name)).status == 200
    assert call("PATCH", target, {"title": "Tour"}, key=key(name)).data["title"] == "Tour"
    assert call("DELETE", target, key=key(name)).status == 200


def test_an_oauth_client_has_no_place_in_other_organizations(call: Any, demo: int) -> None:
    target = f"{OF_SALES}/{demo}"
    assert call("GET", target, key=None, headers=CLIENT).status == 403
    assert call("POST", OF_SALES, NEW, key=None, headers=CLIENT).status == 403


def test_event_types_go_with_their_team(call: Any, managed: int) -> None:
    told = call("DELETE", f"/v2/organizations/{ACME}/teams/{SALES}", key=key(OLIVIA))
    assert told.status == 200
    assert own(call, MAX) == []


def test_a_deleted_event_type_leaves_its_bookings(clock: Clock) -> None:
    event_type = {
        "id": 1, "teamId": SALES, "schedulingType": "collective", "title": "Demo", "slug": "demo",
        "lengthInMinutes": 30, "hosts": [{"userId": user_id(MAX)}],
    }  # fmt: skip
    booking = {
        "id": 1, "uid": "past", "hostId": user_id(MAX), "eventTypeId": 1, "title": "Demo",
        "status": "accepted", "start": "2026-11-02T10:00:00.000Z", "icsUid": "past@Cal.com",
        "end": "2026-11-02T10:30:00.000Z", "attendees": [],
    }  # fmt: skip
    world = {**WORLD, "eventTypes": [event_type], "bookings": [booking]}
    with Sandbox(now=clock, world=world) as made:
        told = Caller(made)("DELETE", f"{OF_SALES}/1", key=key(OLIVIA))
        shown = Caller(made)("GET", "/v2/bookings/past", key=key(MAX), version="2024-08-13")
    assert told.data == {"id": 1, "title": "Demo"}
    assert (shown.status, shown.data["eventTypeId"]) == (200, None)


def test_a_world_with_managed_event_types_can_be_kept(
    sandbox: Sandbox, call: Any, clock: Clock, managed: int
) -> None:
    state = sandbox.state()
    with Sandbox(now=clock, world=state) as again:
        assert again.state() == state
        assert hosts(get(Caller(again), managed)) == [MAX, TESS]
