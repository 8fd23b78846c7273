"""The users of an organization."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.organization_world import CHAT, WORLD, schedule_id
from tests.sandbox.team_world import (
    ACME,
    ADA,
    CLIENT,
    MAX,
    MIA,
    NOWHERE,
    OLIVIA,
    OSCAR,
    PETRA,
    PLATFORM,
    SALES,
    SUPPORT,
    TESS,
    key,
    user_id,
)

USERS = f"/v2/organizations/{ACME}/users"
MAX_OF_ACME = f"{USERS}/{user_id(MAX)}"
NEW = {"email": "New.One@lab.example"}
LOOK = {
    "locale": "fr",
    "theme": "dark",
    "appTheme": "light",
    "brandColor": "#112233",
    "darkBrandColor": "fff",
    "hideBranding": True,
    "timeFormat": 24,
    "bio": "Sells.",
    "avatarUrl": "data:image/png;base64,iVBO",
    "metadata": {"floor": "3"},
}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def names(call: Caller) -> Any:
    """The usernames that a query finds."""

    def find(query: str = "", organization: int = ACME, by: str = OLIVIA, **more: Any) -> list[str]:
        target = f"/v2/organizations/{organization}/users{query}"
        return [one["username"] for one in call("GET", target, key=key(by), **more).data]

    return find


def test_everyone_in_the_organization_is_listed(names: Any) -> None:
    assert names() == [OLIVIA, ADA, MAX, TESS, MIA]


def test_a_page_holds_what_take_and_skip_ask_for(names: Any) -> None:
    assert names("?take=2&skip=1") == [ADA, MAX]


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("take=0", "take"),
        ("take=1001", "take"),
        ("take=many", "take"),
        ("skip=-1", "skip"),
        ("emails=max", "emails"),
        ("emails=max@example.com,ada@example.com", "emails"),
        ("teamIds=x", "teamIds"),
        ("attributeQueryOperator=XOR", "attributeQueryOperator"),
    ],
)
def test_a_query_that_cannot_be_is_refused(call: Caller, query: str, wrong: str) -> None:
    told = call("GET", f"{USERS}?{query}", key=key(OLIVIA))
    assert told.status == 400
    assert list(told.constraints) == [wrong]


def test_a_page_may_be_larger_than_that_of_other_lists(call: Caller) -> None:
    assert call("GET", f"{USERS}?take=1000", key=key(OLIVIA)).status == 200


def test_a_list_may_ask_for_email_addresses(names: Any) -> None:
    assert names("?emails=max@example.com&emails=mia@example.com") == [MAX, MIA]


def test_the_email_address_of_an_outsider_finds_nobody(names: Any) -> None:
    assert names("?emails=oscar@example.com") == []


def test_a_list_may_ask_for_teams(names: Any) -> None:
    assert names(f"?teamIds={SALES},{SUPPORT}") == [OLIVIA, MAX, TESS]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("assignedOptionIds=sales,oslo", [MAX]),
        ("assignedOptionIds=sales,oslo&attributeQueryOperator=AND", [MAX]),
        ("assignedOptionIds=sales,support&attributeQueryOperator=OR", [MAX, TESS, MIA]),
        ("assignedOptionIds=sales&attributeQueryOperator=NONE", [OLIVIA, ADA, MIA]),
        ("assignedOptionIds=nothing", []),
    ],
)
def test_a_list_may_ask_for_attributes(names: Any, query: str, found: list[str]) -> None:
    assert names(f"?{query}") == found


@pytest.mark.parametrize("query", [f"teamIds={10**30}", f"skip={10**30}"])
def test_a_number_beyond_every_id_finds_nobody(names: Any, query: str) -> None:
    assert names(f"?{query}") == []


def test_filters_are_combined(names: Any) -> None:
    query = f"?assignedOptionIds=sales&teamIds={SALES}&emails=tess@example.com"
    assert names(query) == [TESS]


@pytest.mark.parametrize("name", [OLIVIA, ADA])
def test_owners_and_admins_may_list_users(call: Caller, name: str) -> None:
    assert call("GET", USERS, key=key(name)).status == 200


@pytest.mark.parametrize("name", [MAX, OSCAR, PETRA])
@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", USERS), ("POST", USERS), ("PATCH", MAX_OF_ACME), ("DELETE", MAX_OF_ACME)],
)
def test_members_and_outsiders_may_do_nothing_with_users(
    call: Caller, method: str, target: str, name: str
) -> None:
    assert call(method, target, NEW if method == "POST" else None, key=key(name)).status == 403


def test_nobody_may_list_users_without_credentials(call: Caller) -> None:
    assert call("GET", USERS, key=None).status == 401


def test_an_oauth_client_may_list_the_users_of_its_organization(names: Any) -> None:
    assert names(organization=PLATFORM, headers=CLIENT) == [PETRA]


def test_an_oauth_client_may_not_list_the_users_of_another_organization(call: Caller) -> None:
    assert call("GET", USERS, key=None, headers=CLIENT).status == 403


def test_an_organization_that_does_not_exist_is_forbidden(call: Caller) -> None:
    told = call("GET", f"/v2/organizations/{NOWHERE}/users", key=key(OLIVIA))
    assert told.status == 403
    assert told.error["message"].startswith("IsOrgGuard")


def test_a_new_user_is_named_after_the_email_address(call: Caller) -> None:
    told = call("POST", USERS, NEW, key=key(ADA))
    assert told.status == 201
    assert told.data["email"] == "new.one@lab.example"
    assert told.data["username"] == "new-one-lab"
    assert told.data["profile"]["username"] == "new-one-lab"
    assert told.data["invitedTo"] == ACME


def test_a_new_user_is_listed(call: Caller, names: Any) -> None:
    call("POST", USERS, NEW, key=key(ADA))
    assert names()[-1] == "new-one-lab"


@pytest.mark.parametrize(
    ("given", "role", "accepted"),
    [
        ({}, "MEMBER", True),
        ({"organizationRole": "ADMIN", "autoAccept": False}, "ADMIN", False),
    ],
)
def test_a_new_user_is_a_member(
    call: Caller, given: dict[str, Any], role: str, accepted: bool
) -> None:
    created = call("POST", USERS, NEW | given, key=key(OLIVIA)).data["id"]
    memberships = call("GET", f"/v2/organizations/{ACME}/memberships", key=key(OLIVIA)).data
    found = [one for one in memberships if one["userId"] == created]
    assert [(one["role"], one["accepted"]) for one in found] == [(role, accepted)]


def test_a_new_user_looks_as_it_was_given(call: Caller) -> None:
    created = call("POST", USERS, NEW | LOOK, key=key(OLIVIA)).data
    assert {name: created[name] for name in LOOK} == LOOK


def test_the_email_address_of_someone_in_the_organization_is_a_conflict(call: Caller) -> None:
    told = call("POST", USERS, {"email": "MAX@example.com"}, key=key(OLIVIA))
    assert told.status == 409
    assert told.error["message"] == "A user already exists with that email"


def test_the_email_address_of_someone_outside_is_a_conflict(call: Caller) -> None:
    told = call("POST", USERS, {"email": "oscar@example.com"}, key=key(OLIVIA))
    assert (told.status, told.error["code"]) == (409, "CONFLICT")


def test_an_email_address_that_makes_a_taken_username_is_a_conflict(call: Caller) -> None:
    call("POST", USERS, NEW, key=key(OLIVIA))
    told = call("POST", USERS, {"email": "new-one@lab.test"}, key=key(OLIVIA))
    assert told.status == 409


def test_a_username_cannot_be_given_to_a_new_user(call: Caller, names: Any) -> None:
    told = call("POST", USERS, {**NEW, "username": "newbie"}, key=key(OLIVIA))
    assert (told.status, told.error["code"]) == (400, "TRPCError")
    assert len(names()) == 5


def test_the_username_of_someone_in_the_organization_is_a_conflict(call: Caller) -> None:
    told = call("POST", USERS, {**NEW, "username": "Max"}, key=key(OLIVIA))
    assert (told.status, told.error["message"]) == (409, "Username is already taken")


@pytest.mark.parametrize("field", ["timeZone", "weekday"])
@pytest.mark.parametrize(("method", "target"), [("POST", USERS), ("PATCH", MAX_OF_ACME)])
def test_a_field_at_which_cal_breaks_is_refused_with_its_name(
    call: Caller, method: str, target: str, field: str
) -> None:
    told = call(method, target, {**NEW, field: "Monday"}, key=key(OLIVIA))
    assert told.status == 400
    assert told.error["message"].startswith(f"{field} cannot be set here")


def test_with_server_faults_a_time_zone_breaks_the_sandbox_as_it_does_cal(clock: Clock) -> None:
    with Sandbox(now=clock, world=WORLD, server_faults=True) as broken:
        told = Caller(broken)("PATCH", MAX_OF_ACME, {"timeZone": "Europe/Paris"}, key=key(OLIVIA))
    assert (told.status, told.body["message"]) == (500, "Internal server error")


def test_an_email_address_is_needed(call: Caller) -> None:
    told = call("POST", USERS, {}, key=key(OLIVIA))
    assert told.constraints == {"email": {"isEmail": "email must be an email"}}


@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("theme", "blue", "themeValidator"),
        ("appTheme", "blue", "themeValidator"),
        ("timeFormat", 13, "timeFormatValidator"),
        ("brandColor", "red", "isHexColor"),
        ("darkBrandColor", "#12", "isHexColor"),
        ("hideBranding", "yes", "isBoolean"),
        ("defaultScheduleId", -1, "min"),
        ("locale", "xx", "localeValidator"),
        ("avatarUrl", "https://example.com/me.png", "avatarValidator"),
        ("metadata", "x", "isObject"),
        ("bio", 1, "isString"),
        ("username", 1, "isString"),
        ("email", "max", "isEmail"),
    ],
)
def test_a_field_that_cannot_be_is_refused(
    call: Caller, field: str, value: Any, constraint: str
) -> None:
    told = call("PATCH", MAX_OF_ACME, {field: value}, key=key(OLIVIA))
    assert told.status == 400
    assert list(told.constraints) == [field]
    assert constraint in told.constraints[field]


@pytest.mark.parametrize(
    ("field", "value"), [("organizationRole", "KING"), ("autoAccept", "yes"), ("locale", 1)]
)
def test_a_new_user_s_field_that_cannot_be_is_refused(call: Caller, field: str, value: Any) -> None:
    told = call("POST", USERS, {**NEW, field: value}, key=key(OLIVIA))
    assert told.status == 400
    assert list(told.constraints) == [field]


def test_a_body_that_is_no_object_is_refused(call: Caller) -> None:
    assert call("POST", USERS, [1], key=key(OLIVIA)).status == 400


def test_a_change_touches_the_given_fields_only(call: Caller) -> None:
    before = call("PATCH", MAX_OF_ACME, {}, key=key(OLIVIA)).data
    changed = call("PATCH", MAX_OF_ACME, LOOK, key=key(OLIVIA)).data
    assert changed == {**before, **LOOK}


def test_a_change_stays(call: Caller) -> None:
    changed = call("PATCH", MAX_OF_ACME, LOOK, key=key(OLIVIA)).data
    found = call("GET", f"{USERS}?emails=max@example.com", key=key(OLIVIA)).data
    assert found == [changed]


def test_null_clears_what_may_be_empty(call: Caller) -> None:
    call("PATCH", MAX_OF_ACME, LOOK, key=key(OLIVIA))
    cleared = call("PATCH", MAX_OF_ACME, {"theme": None, "bio": None}, key=key(OLIVIA)).data
    assert (cleared["theme"], cleared["bio"]) == (None, None)


@pytest.mark.parametrize("field", ["email", "username", "hideBranding", "timeFormat"])
def test_null_is_refused_where_a_user_needs_a_value(call: Caller, field: str) -> None:
    assert call("PATCH", MAX_OF_ACME, {field: None}, key=key(OLIVIA)).status == 400


def test_a_new_username_is_written_small(call: Caller) -> None:
    changed = call("PATCH", MAX_OF_ACME, {"username": "Maxi"}, key=key(OLIVIA)).data
    assert changed["username"] == "maxi"
    assert call("GET", "/v2/me", key=key(MAX)).data["username"] == "maxi"


@pytest.mark.parametrize("name", [ADA, OSCAR])
def test_a_username_of_someone_else_is_a_conflict(call: Caller, name: str) -> None:
    assert call("PATCH", MAX_OF_ACME, {"username": name}, key=key(OLIVIA)).status == 409


def test_a_new_email_address_is_the_one_to_be_found_by(call: Caller, names: Any) -> None:
    call("PATCH", MAX_OF_ACME, {"email": "max@new.example"}, key=key(OLIVIA))
    assert names("?emails=max@new.example") == [MAX]


def test_an_email_address_of_someone_else_is_a_conflict(call: Caller) -> None:
    assert call("PATCH", MAX_OF_ACME, {"email": "ada@example.com"}, key=key(OLIVIA)).status == 409


def test_an_own_schedule_may_become_the_default(call: Caller) -> None:
    body = {"defaultScheduleId": schedule_id(MAX)}
    changed = call("PATCH", MAX_OF_ACME, body, key=key(OLIVIA)).data
    assert changed["defaultScheduleId"] == schedule_id(MAX)


@pytest.mark.parametrize("number", [schedule_id(ADA), NOWHERE])
def test_a_schedule_of_someone_else_may_not_become_the_default(call: Caller, number: int) -> None:
    told = call("PATCH", MAX_OF_ACME, {"defaultScheduleId": number}, key=key(OLIVIA))
    assert told.status == 404


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("number", [user_id(OSCAR), NOWHERE])
def test_a_user_outside_the_organization_is_forbidden(
    call: Caller, method: str, number: int
) -> None:
    told = call(method, f"{USERS}/{number}", {}, key=key(OLIVIA))
    assert told.status == 403
    assert told.error["message"].startswith("IsUserInOrg")


def test_a_deleted_user_is_shown_once_more(call: Caller, names: Any) -> None:
    told = call("DELETE", MAX_OF_ACME, key=key(ADA))
    assert told.data["profile"]["username"] == MAX
    assert names() == [OLIVIA, ADA, TESS, MIA]


def test_a_deleted_user_s_key_is_worth_nothing(call: Caller) -> None:
    call("DELETE", MAX_OF_ACME, key=key(OLIVIA))
    assert call("GET", "/v2/me", key=key(MAX)).status == 401


@pytest.mark.parametrize(
    ("kind", "owner"),
    [
        ("memberships", "userId"),
        ("profiles", "userId"),
        ("webhooks", "userId"),
        ("schedules", "ownerId"),
        ("eventTypes", "ownerId"),
        ("bookings", "hostId"),
    ],
)
def test_nothing_that_a_deleted_user_owns_is_left(
    call: Caller, sandbox: Sandbox, kind: str, owner: str
) -> None:
    assert user_id(MAX) in {one[owner] for one in sandbox.state()[kind]}
    call("DELETE", MAX_OF_ACME, key=key(OLIVIA))
    assert user_id(MAX) not in {one[owner] for one in sandbox.state()[kind]}


def test_a_deleted_user_can_no_longer_be_booked(call: Caller) -> None:
    slots = f"/v2/slots?eventTypeId={CHAT}&start=2026-12-01&end=2026-12-02"
    assert call("GET", slots, key=None, version="2024-09-04").status == 200
    call("DELETE", MAX_OF_ACME, key=key(OLIVIA))
    assert call("GET", slots, key=None, version="2024-09-04").status == 404


def test_a_deleted_user_s_attributes_are_given_to_nobody(call: Caller, sandbox: Sandbox) -> None:
    call("DELETE", MAX_OF_ACME, key=key(OLIVIA))
    left = {one["id"] for one in sandbox.state()["attributeAssignments"]}
    assert left == {"tess-sales", "mia-support"}


def test_an_email_address_is_free_again_after_its_user_is_deleted(call: Caller) -> None:
    call("DELETE", MAX_OF_ACME, key=key(OLIVIA))
    assert call("POST", USERS, {"email": "max@example.com"}, key=key(OLIVIA)).status == 201
