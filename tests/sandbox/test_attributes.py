"""/v2/organizations/{orgId}/attributes: attributes, their options, and who has them."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Clock

ADMIN, MEMBER, OUTSIDER = "cal_ada", "cal_max", "cal_oscar"
CLIENT = {"x-cal-client-id": "client", "x-cal-secret-key": "secret"}
ACME = "/v2/organizations/10/attributes"
OTHER = "/v2/organizations/20/attributes"
OF_MAX = f"{ACME}/options/3"
COLOUR = {
    "name": "Colour",
    "slug": "colour",
    "type": "SINGLE_SELECT",
    "options": [{"value": "Red", "slug": "red"}, {"value": "Blue", "slug": "blue"}],
}
TEXT = {"name": "Badge", "slug": "badge", "type": "TEXT", "options": []}
WORLD = {
    "users": [
        {"id": 1, "username": "olivia", "name": "Olivia", "email": "olivia@example.com",
         "apiKeys": [{"key": "cal_sandbox_owner"}]},
        {"id": 2, "username": "ada", "name": "Ada", "email": "ada@example.com",
         "apiKeys": [{"key": ADMIN}]},
        {"id": 3, "username": "max", "name": "Max", "email": "max@example.com",
         "apiKeys": [{"key": MEMBER}]},
        {"id": 4, "username": "oscar", "name": "Oscar", "email": "oscar@example.com",
         "apiKeys": [{"key": OUTSIDER}]},
        {"id": 5, "username": "ivy", "name": "Ivy", "email": "ivy@example.com"},
    ],
    "teams": [
        {"id": 10, "name": "Acme", "slug": "acme", "isOrganization": True},
        {"id": 11, "name": "Sales", "slug": "sales", "parentId": 10},
        {"id": 20, "name": "Other", "slug": "other", "isOrganization": True, "isPlatform": True},
    ],
    "memberships": [
        {"id": 100, "teamId": 10, "userId": 1, "role": "OWNER", "accepted": True},
        {"id": 101, "teamId": 10, "userId": 2, "role": "ADMIN", "accepted": True},
        {"id": 102, "teamId": 10, "userId": 3, "accepted": True},
        {"id": 103, "teamId": 10, "userId": 5, "accepted": False},
        {"id": 104, "teamId": 11, "userId": 2, "accepted": True},
        {"id": 105, "teamId": 20, "userId": 4, "role": "OWNER", "accepted": True},
    ],
    "oAuthClients": [{"id": "client", "secret": "secret", "name": "App", "organizationId": 20}],
}  # fmt: skip


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def colour(call: Any) -> str:
    attribute_id: str = call("POST", ACME, COLOUR).data["id"]
    return attribute_id


@pytest.fixture
def badge(call: Any) -> str:
    attribute_id: str = call("POST", ACME, TEXT).data["id"]
    return attribute_id


@pytest.fixture
def options(call: Any, colour: str) -> dict[str, str]:
    """The ids of the options of `colour` by their slug."""
    return {one["slug"]: one["id"] for one in call("GET", f"{ACME}/{colour}/options").data}


@pytest.fixture
def assign(call: Any, colour: str, options: dict[str, str]) -> Any:
    """Gives a user the option of `colour` with this slug."""

    def give(user_id: int, slug: str) -> Any:
        body = {"attributeId": colour, "attributeOptionId": options[slug]}
        return call("POST", f"{ACME}/options/{user_id}", body)

    return give


@pytest.fixture
def shown_at_max(call: Any) -> Any:
    """Gives the attributes that the membership of Max shows."""
    return lambda: call("GET", "/v2/organizations/10/memberships/102").data["attributes"]


def test_a_new_attribute_is_enabled_unless_told_otherwise(call: Any, colour: str) -> None:
    assert call("GET", f"{ACME}/{colour}").data["enabled"] is True
    other = call("POST", ACME, {**TEXT, "enabled": False}).data
    assert call("GET", f"{ACME}/{other['id']}").data["enabled"] is False


def test_the_options_of_a_new_attribute_keep_their_order(call: Any, colour: str) -> None:
    shown = call("GET", f"{ACME}/{colour}/options").data
    assert [one["value"] for one in shown] == ["Red", "Blue"]
    assert {one["attributeId"] for one in shown} == {colour}


def test_an_attribute_of_text_drops_the_options_it_is_given(call: Any) -> None:
    made = call("POST", ACME, {**TEXT, "options": COLOUR["options"]}).data
    assert call("GET", f"{ACME}/{made['id']}/options").data == []


@pytest.mark.parametrize("missing", ["name", "slug", "type", "options"])
def test_a_new_attribute_needs_all_but_enabled(call: Any, missing: str) -> None:
    body = {name: value for name, value in COLOUR.items() if name != missing}
    told = call("POST", ACME, body)
    assert told.status == 400
    assert list(told.constraints) == [missing]


def test_an_empty_name_is_no_name(call: Any) -> None:
    told = call("POST", ACME, {**COLOUR, "name": ""})
    assert told.constraints == {"name": {"isNotEmpty": "name should not be empty"}}


def test_options_are_checked_one_by_one(call: Any) -> None:
    told = call("POST", ACME, {**COLOUR, "options": [{"value": "Red"}]})
    [error] = told.error["details"]["errors"]
    assert error["children"][0]["children"][0]["property"] == "slug"


def test_a_taken_slug_is_a_conflict_even_across_organizations(call: Any, colour: str) -> None:
    assert call("POST", ACME, COLOUR).status == 409
    assert call("POST", OTHER, COLOUR, key=OUTSIDER).status == 409


def test_attributes_are_listed_in_pages(call: Any, colour: str, badge: str) -> None:
    assert [one["id"] for one in call("GET", ACME).data] == [colour, badge]
    assert [one["id"] for one in call("GET", f"{ACME}?take=1&skip=1").data] == [badge]


def test_a_page_beyond_its_bounds_is_refused(call: Any) -> None:
    assert list(call("GET", f"{ACME}?take=251").constraints) == ["take"]


def test_a_change_touches_the_given_fields_and_the_time(
    call: Any, clock: Clock, colour: str
) -> None:
    before = call("GET", f"{ACME}/{colour}").data
    clock.advance(hours=1)
    changed = call("PATCH", f"{ACME}/{colour}", {"name": "Color"}).data
    assert changed == {**before, "name": "Color", "updatedAt": "2026-11-23T09:00:00.000Z"}
    assert call("GET", f"{ACME}/{colour}").data == changed


def test_a_change_to_a_taken_slug_is_a_conflict(call: Any, colour: str, badge: str) -> None:
    assert call("PATCH", f"{ACME}/{badge}", {"slug": "colour"}).status == 409
    assert call("PATCH", f"{ACME}/{colour}", {"slug": "colour"}).status == 200


def test_null_is_no_name(call: Any, colour: str) -> None:
    assert call("PATCH", f"{ACME}/{colour}", {"name": None}).status == 400


def test_an_unknown_attribute_is_null_to_read_and_missing_to_change(call: Any) -> None:
    assert call("GET", f"{ACME}/nope").body == {"status": "success", "data": None}
    for method, body in (("PATCH", {}), ("DELETE", None)):
        told = call(method, f"{ACME}/nope", body)
        assert (told.status, told.error["code"]) == (404, "NOT_FOUND")


def test_a_deleted_attribute_takes_its_options_and_assignments_along(
    call: Any, sandbox: Sandbox, colour: str, assign: Any
) -> None:
    assign(3, "red")
    assert call("DELETE", f"{ACME}/{colour}").data["id"] == colour
    assert call("GET", OF_MAX).data == []
    state = sandbox.state()
    assert (state["attributes"], state["attributeAssignments"]) == ([], [])


def test_an_organization_does_not_see_the_attributes_of_another(call: Any, colour: str) -> None:
    assert call("GET", f"{OTHER}/{colour}", key=OUTSIDER).data is None
    assert call("GET", f"{OTHER}/{colour}/options", key=OUTSIDER).data == []
    assert call("PATCH", f"{OTHER}/{colour}", {}, key=OUTSIDER).status == 404
    assert call("DELETE", f"{OTHER}/{colour}", key=OUTSIDER).status == 404
    new = {"value": "Green", "slug": "green"}
    assert call("POST", f"{OTHER}/{colour}/options", new, key=OUTSIDER).status == 400


def test_an_organization_does_not_reach_the_options_of_another(
    call: Any, colour: str, options: dict[str, str], assign: Any
) -> None:
    assign(3, "red")
    option = f"{OTHER}/{colour}/options/{options['red']}"
    assert call("PATCH", option, {"value": "x"}, key=OUTSIDER).status == 404
    assert call("DELETE", option, key=OUTSIDER).status == 404
    body = {"attributeId": colour, "attributeOptionId": options["red"]}
    assert call("POST", f"{OTHER}/options/4", body, key=OUTSIDER).status == 404
    for target in ("options/3", f"{colour}/options/assigned", "slugs/colour/options/assigned"):
        assert call("GET", f"{OTHER}/{target}", key=OUTSIDER).data == []
    assert call("GET", OTHER, key=OUTSIDER).data == []
    assert [one["value"] for one in call("GET", OF_MAX).data] == ["Red"]


def test_a_new_option_stands_last(call: Any, colour: str) -> None:
    made = call("POST", f"{ACME}/{colour}/options", {"value": "Green", "slug": "green"})
    assert made.status == 201
    assert call("GET", f"{ACME}/{colour}/options").data[-1] == made.data


def test_a_new_option_needs_value_and_slug(call: Any, colour: str) -> None:
    assert set(call("POST", f"{ACME}/{colour}/options", {}).constraints) == {"value", "slug"}


def test_an_option_of_an_unknown_attribute_is_refused(call: Any) -> None:
    told = call("POST", f"{ACME}/nope/options", {"value": "Green", "slug": "green"})
    assert (told.status, told.error["code"]) == (400, "BAD_REQUEST")


def test_a_change_of_an_option_is_seen_where_it_is_assigned(
    call: Any, colour: str, options: dict[str, str], assign: Any
) -> None:
    assign(3, "red")
    changed = call("PATCH", f"{ACME}/{colour}/options/{options['red']}", {"value": "Scarlet"})
    assert (changed.data["value"], changed.data["slug"]) == ("Scarlet", "red")
    assert call("GET", OF_MAX).data == [changed.data]


def test_a_deleted_option_is_taken_from_all_who_have_it(
    call: Any, colour: str, options: dict[str, str], assign: Any
) -> None:
    assign(3, "red")
    assert call("DELETE", f"{ACME}/{colour}/options/{options['red']}").status == 200
    assert call("GET", OF_MAX).data == []
    assert [one["slug"] for one in call("GET", f"{ACME}/{colour}/options").data] == ["blue"]


def test_an_option_is_found_under_its_own_attribute_alone(
    call: Any, badge: str, options: dict[str, str]
) -> None:
    target = f"{ACME}/{badge}/options/{options['red']}"
    assert call("PATCH", target, {"value": "x"}).status == 404
    told = call("DELETE", target)
    assert (told.status, told.error["message"]) == (404, "Attribute option not found")


def test_an_assigned_option_is_listed_at_the_user(call: Any, assign: Any) -> None:
    assert assign(3, "blue").data["memberId"] == 102
    assert [one["value"] for one in call("GET", OF_MAX).data] == ["Blue"]
    assert call("GET", f"{ACME}/options/2").data == []


def test_the_same_option_twice_is_a_conflict(assign: Any) -> None:
    assert [assign(3, "blue").status, assign(3, "blue").status] == [201, 409]


def test_a_value_makes_an_option_of_a_text(call: Any, badge: str) -> None:
    assert call("POST", OF_MAX, {"attributeId": badge, "value": "Gold & Co 7"}).status == 201
    [option] = call("GET", f"{ACME}/{badge}/options").data
    assert (option["value"], option["slug"]) == ("Gold & Co 7", "gold-co-7")


def test_of_value_and_option_the_option_counts(call: Any, badge: str) -> None:
    made = call("POST", f"{ACME}/{badge}/options", {"value": "B-7", "slug": "b-7"}).data
    body = {"attributeId": badge, "attributeOptionId": made["id"], "value": "B-8"}
    assert call("POST", OF_MAX, body).status == 201
    assert call("GET", OF_MAX).data == [made]


def test_an_attribute_to_select_from_takes_no_value(call: Any, colour: str) -> None:
    told = call("POST", OF_MAX, {"attributeId": colour, "value": "Green"})
    assert (told.status, told.error["message"]) == (400, "Attribute type does not support value")


def test_neither_option_nor_value_assigns_nothing(call: Any, colour: str) -> None:
    assert call("POST", OF_MAX, {"attributeId": colour}).status == 400
    assert call("GET", OF_MAX).data == []


def test_an_option_of_another_attribute_is_refused(
    call: Any, badge: str, options: dict[str, str]
) -> None:
    body = {"attributeId": badge, "attributeOptionId": options["red"]}
    assert call("POST", OF_MAX, body).status == 400


def test_an_unknown_attribute_cannot_be_assigned(call: Any) -> None:
    told = call("POST", OF_MAX, {"attributeId": "nope", "value": "x"})
    assert (told.status, told.error["message"]) == (404, "Attribute not found")


@pytest.mark.parametrize("user_id", [4, 5, 999])
def test_only_those_who_accepted_can_be_assigned_an_option(assign: Any, user_id: int) -> None:
    told = assign(user_id, "red")
    assert told.status == 404
    assert told.error["message"] == "User is not a member of the organization"


def test_an_option_taken_from_a_member_stays_with_others(
    call: Any, options: dict[str, str], assign: Any
) -> None:
    given = assign(3, "red").data
    assign(2, "red")
    assert call("DELETE", f"{OF_MAX}/{options['red']}").data == given
    assert call("GET", OF_MAX).data == []
    assert len(call("GET", f"{ACME}/options/2").data) == 1


def test_an_option_a_member_does_not_have_cannot_be_taken(
    call: Any, options: dict[str, str]
) -> None:
    told = call("DELETE", f"{OF_MAX}/{options['red']}")
    assert (told.status, told.error["message"]) == (404, "Attribute does not belong to this user")


def test_nothing_can_be_taken_from_an_outsider(call: Any, options: dict[str, str]) -> None:
    assert call("DELETE", f"{ACME}/options/4/{options['red']}").status == 404


def test_a_membership_shows_one_option_of_a_selection(shown_at_max: Any, assign: Any) -> None:
    assign(3, "red")
    assign(3, "blue")
    [shown] = shown_at_max()
    assert (shown["name"], shown["option"], shown["type"]) == ("Colour", "Blue", "singleSelect")


def test_a_membership_shows_every_option_of_a_multiple_selection(
    call: Any, shown_at_max: Any, colour: str, assign: Any
) -> None:
    call("PATCH", f"{ACME}/{colour}", {"type": "MULTI_SELECT"})
    assign(3, "red")
    assign(3, "blue")
    [shown] = shown_at_max()
    assert shown["type"] == "multiSelect"
    assert [one["option"] for one in shown["options"]] == ["Red", "Blue"]


@pytest.mark.parametrize(
    ("text", "number"), [("7", 7), ("2.5", 2.5), ("many", None), ("1e999", None)]
)
def test_a_membership_shows_a_number_as_one(
    call: Any, shown_at_max: Any, text: str, number: float | None
) -> None:
    level = call("POST", ACME, {**TEXT, "slug": "level", "type": "NUMBER"}).data["id"]
    call("POST", OF_MAX, {"attributeId": level, "value": text})
    [shown] = shown_at_max()
    assert (shown["option"], shown["type"]) == (number, "number")


@pytest.mark.parametrize("place", ["{colour}", "slugs/colour"])
def test_assigned_options_are_listed_with_their_users(
    call: Any, colour: str, assign: Any, place: str
) -> None:
    target = f"{ACME}/{place.format(colour=colour)}/options/assigned"
    assert call("GET", target).data == []
    for user_id, slug in ((3, "red"), (2, "red"), (2, "blue")):
        assign(user_id, slug)
    shown = {one["slug"]: one["assignedUserIds"] for one in call("GET", target).data}
    assert shown == {"red": [3, 2], "blue": [2]}
    assert [one["slug"] for one in call("GET", f"{target}?take=1&skip=1").data] == ["blue"]


def test_assigned_options_can_be_narrowed_to_teams(call: Any, assign: Any) -> None:
    assign(3, "red")
    assign(2, "blue")
    target = f"{ACME}/slugs/colour/options/assigned"
    assert [one["slug"] for one in call("GET", f"{target}?teamIds=11").data] == ["blue"]
    assert len(call("GET", f"{target}?teamIds=10,11").data) == 2
    assert list(call("GET", f"{target}?teamIds=x").constraints) == ["teamIds"]


def test_assigned_options_can_be_narrowed_to_holders_of_others(
    call: Any, badge: str, options: dict[str, str], assign: Any
) -> None:
    assign(3, "red")
    assign(2, "blue")
    call("POST", OF_MAX, {"attributeId": badge, "value": "B-7"})
    target = f"{ACME}/{badge}/options/assigned?assignedOptionIds="
    assert [one["value"] for one in call("GET", target + options["red"]).data] == ["B-7"]
    assert call("GET", target + options["blue"]).data == []
    assert call("GET", f"{target}nope").status == 404


WRITES = [
    ("POST", ACME, COLOUR),
    ("PATCH", f"{ACME}/nope", {}),
    ("DELETE", f"{ACME}/nope", None),
    ("POST", f"{ACME}/nope/options", {"value": "Green", "slug": "green"}),
    ("PATCH", f"{ACME}/nope/options/nope", {}),
    ("DELETE", f"{ACME}/nope/options/nope", None),
    ("POST", OF_MAX, {"attributeId": "nope"}),
]
READS = [
    ACME, f"{ACME}/nope", f"{ACME}/nope/options", OF_MAX, f"{ACME}/nope/options/assigned",
]  # fmt: skip


@pytest.mark.parametrize(("method", "target", "body"), WRITES)
def test_a_member_may_not_write(call: Any, method: str, target: str, body: Any) -> None:
    told = call(method, target, body, key=MEMBER)
    assert told.status == 403
    assert "minimum required role=ORG_ADMIN" in told.error["message"]


@pytest.mark.parametrize(("method", "target", "body"), WRITES)
def test_an_outsider_may_not_write(call: Any, method: str, target: str, body: Any) -> None:
    told = call(method, target, body, key=OUTSIDER)
    assert told.status == 403
    assert "is not a member of the organization" in told.error["message"]


@pytest.mark.parametrize("target", READS)
def test_members_may_read_and_outsiders_may_not(call: Any, target: str) -> None:
    assert call("GET", target, key=MEMBER).status == 200
    assert call("GET", target, key=OUTSIDER).status == 403
    assert call("GET", target, key=None).status == 401


def test_an_admin_may_write(call: Any) -> None:
    assert call("POST", ACME, COLOUR, key=ADMIN).status == 201


def test_a_member_may_take_an_option_back(call: Any, options: dict[str, str], assign: Any) -> None:
    assign(3, "red")
    assert call("DELETE", f"{OF_MAX}/{options['red']}", key=MEMBER).status == 200


def test_an_oauth_client_acts_for_its_own_organization_alone(call: Any) -> None:
    assert call("POST", OTHER, COLOUR, key=None, headers=CLIENT).status == 201
    assert call("GET", ACME, key=None, headers=CLIENT).status == 403


def test_a_world_with_attributes_can_be_read_out_and_started_from(
    sandbox: Sandbox, assign: Any
) -> None:
    assign(3, "red")
    with Sandbox(world=sandbox.state()) as copy:
        assert copy.state() == sandbox.state()
