"""The teams of an organization, and /v2/teams."""

from collections.abc import Iterator
from typing import Any

import pytest

from cal_actions.sandbox import Sandbox
from tests.sandbox.conftest import Clock
from tests.sandbox.team_world import (
    ACME,
    ADA,
    CHESS,
    CLIENT,
    MAX,
    MIA,
    OLIVIA,
    OSCAR,
    PLATFORM,
    SALES,
    SUPPORT,
    TESS,
    WORLD,
    key,
    user_id,
)

OF_ACME = f"/v2/organizations/{ACME}/teams"
FIELDS = {
    "bio": "We call.",
    "logoUrl": "https://example.com/logo.png",
    "calVideoLogo": "http://example.com/video.png",
    "appLogo": "example.com",
    "appIconLogo": "https://user:word@example.com:8080/a?b=c#d",
    "bannerUrl": "https://example.com/banner.png",
    "hideBranding": True,
    "isPrivate": True,
    "hideBookATeamMember": True,
    "metadata": {"floor": 3, "open": True, "code": "x"},
    "theme": "dark",
    "brandColor": "#112233",
    "darkBrandColor": "#445566",
    "timeZone": "Europe/Rome",
    "weekStart": "Monday",
}
BOTH = pytest.mark.parametrize(
    ("collection", "name"), [(OF_ACME, OLIVIA), ("/v2/teams", OSCAR)], ids=["organization", "own"]
)
EACH = pytest.mark.parametrize(
    ("target", "name"),
    [(f"{OF_ACME}/{SALES}", OLIVIA), (f"/v2/teams/{CHESS}", OSCAR)],
    ids=["organization", "own"],
)


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def ids(told: Any) -> list[int]:
    return [team["id"] for team in told.data]


@BOTH
def test_a_new_team_is_shown_as_it_was_given(call: Any, collection: str, name: str) -> None:
    body = {"name": "Night shift", "slug": "nights", **FIELDS}
    told = call("POST", collection, body, key=key(name))
    assert told.status == 201
    assert told.data.items() >= body.items()


@BOTH
def test_a_new_team_is_found_again(call: Any, collection: str, name: str) -> None:
    made = call("POST", collection, {"name": "Night shift", **FIELDS}, key=key(name)).data
    assert call("GET", f"{collection}/{made['id']}", key=key(name)).data == made


@BOTH
def test_what_a_new_team_leaves_out_has_a_default(call: Any, collection: str, name: str) -> None:
    made = call("POST", collection, {"name": "Night shift"}, key=key(name)).data
    shown = ("timeZone", "weekStart", "hideBranding", "bio", "timeFormat", "isOrganization")
    assert [made[word] for word in shown] == [
        "Europe/London",
        "Sunday",
        False,
        None,
        None,
        False,
    ]
    assert "metadata" not in made


@BOTH
@pytest.mark.parametrize(
    ("given", "slug"),
    [
        ("Night shift", "night-shift"),
        ("  Café & Bar! ", "cafe-bar"),
        ("snake_case", "snake-case"),
        ("v2.0", "v2.0"),
    ],
)
def test_a_slug_is_made_of_the_name(
    call: Any, collection: str, name: str, given: str, slug: str
) -> None:
    assert call("POST", collection, {"name": given}, key=key(name)).data["slug"] == slug


def test_a_team_made_in_an_organization_belongs_to_it(call: Any) -> None:
    made = call("POST", OF_ACME, {"name": "Night shift"}, key=key(OLIVIA)).data
    assert made["parentId"] == ACME
    assert made["id"] in ids(call("GET", OF_ACME, key=key(OLIVIA)))


def test_a_team_made_without_an_organization_has_none(call: Any) -> None:
    assert call("POST", "/v2/teams", {"name": "Go"}, key=key(OLIVIA)).data["parentId"] is None


@BOTH
def test_who_makes_a_team_owns_it(call: Any, collection: str, name: str) -> None:
    made = call("POST", collection, {"name": "Night shift"}, key=key(name)).data
    (owner,) = call("GET", f"{collection}/{made['id']}/memberships", key=key(name)).data
    assert (owner["userId"], owner["role"], owner["accepted"]) == (user_id(name), "OWNER", True)


@BOTH
def test_who_makes_a_team_may_leave_the_membership_pending(
    call: Any, collection: str, name: str
) -> None:
    body = {"name": "Night shift", "autoAcceptCreator": False}
    made = call("POST", collection, body, key=key(name)).data
    (owner,) = call("GET", f"{collection}/{made['id']}/memberships", key=key(name)).data
    assert owner["accepted"] is False


def test_a_slug_is_taken_once_in_an_organization(call: Any) -> None:
    told = call("POST", OF_ACME, {"name": "Other", "slug": "sales"}, key=key(OLIVIA))
    assert told.status == 409


def test_a_slug_is_free_outside_of_the_organization(call: Any) -> None:
    told = call("POST", "/v2/teams", {"name": "Other", "slug": "sales"}, key=key(OLIVIA))
    assert told.status == 201


def test_two_teams_of_no_organization_may_have_the_same_slug(call: Any) -> None:
    told = call("POST", "/v2/teams", {"name": "Other", "slug": "chess"}, key=key(OLIVIA))
    assert told.status == 201


def test_nobody_makes_a_second_team_of_the_same_name(call: Any) -> None:
    told = call("POST", "/v2/teams", {"name": "Chess"}, key=key(MAX))
    assert (told.status, told.error["message"]) == (
        400,
        "You already have created a team with name=Chess",
    )


def test_a_name_that_only_others_use_is_free(call: Any) -> None:
    assert call("POST", "/v2/teams", {"name": "Chess"}, key=key(OLIVIA)).status == 201


@BOTH
@pytest.mark.parametrize(
    ("field", "value", "constraint"),
    [
        ("name", "", "isLength"),
        ("name", 5, "isString"),
        ("slug", 5, "isString"),
        ("logoUrl", "no url", "isUrl"),
        ("bannerUrl", "ftp://", "isUrl"),
        ("isPrivate", "yes", "isBoolean"),
        ("metadata", '{"a": 1}', "isObject"),
        ("metadata", {"a": {"b": 1}}, "ValidateMetadata"),
        ("metadata", {"a": "x" * 501}, "ValidateMetadata"),
        ("metadata", {"x" * 41: "a"}, "ValidateMetadata"),
        ("metadata", {str(one): one for one in range(51)}, "ValidateMetadata"),
        ("timeFormat", 24, "isString"),
        ("weekStart", 1, "isString"),
        ("autoAcceptCreator", "no", "isBoolean"),
    ],
)
def test_a_wrong_field_of_a_new_team_is_refused(
    call: Any, collection: str, name: str, field: str, value: Any, constraint: str
) -> None:
    told = call("POST", collection, {"name": "Night shift", field: value}, key=key(name))
    assert told.status == 400
    assert constraint in told.constraints[field]


@BOTH
def test_a_time_format_that_passes_the_check_cannot_be_kept(
    call: Any, collection: str, name: str
) -> None:
    told = call("POST", collection, {"name": "Night shift", "timeFormat": "24"}, key=key(name))
    assert told.status == 400
    assert "timeFormat" in told.error["message"]


def test_an_array_is_no_team(call: Any) -> None:
    assert call("POST", OF_ACME, [], key=key(OLIVIA)).status == 400


def test_the_teams_of_an_organization_come_in_pages(call: Any) -> None:
    assert ids(call("GET", OF_ACME, key=key(ADA))) == [SALES, SUPPORT]
    assert ids(call("GET", f"{OF_ACME}?take=1", key=key(ADA))) == [SALES]
    assert ids(call("GET", f"{OF_ACME}?take=1&skip=1", key=key(ADA))) == [SUPPORT]


@pytest.mark.parametrize("target", [OF_ACME, f"{OF_ACME}/me"])
def test_a_page_has_at_most_250_teams(call: Any, target: str) -> None:
    assert call("GET", f"{target}?take=251", key=key(OLIVIA)).constraints.keys() == {"take"}


def test_the_own_teams_in_an_organization_come_with_the_own_role(call: Any) -> None:
    (sales,) = call("GET", f"{OF_ACME}/me", key=key(TESS)).data
    assert (sales["id"], sales["role"], sales["accepted"]) == (SALES, "ADMIN", True)


def test_the_own_teams_in_an_organization_come_in_pages(call: Any) -> None:
    body = {"userId": user_id(MAX)}
    call("POST", f"{OF_ACME}/{SUPPORT}/memberships", body, key=key(OLIVIA))
    assert ids(call("GET", f"{OF_ACME}/me?take=1&skip=1", key=key(MAX))) == [SUPPORT]


def test_the_own_teams_are_those_of_every_organization_and_the_organizations(call: Any) -> None:
    assert ids(call("GET", "/v2/teams", key=key(MAX))) == [ACME, SALES, CHESS]


def test_an_organization_is_found_among_the_teams(call: Any) -> None:
    assert call("GET", f"/v2/teams/{ACME}", key=key(MIA)).data["isOrganization"] is True


@EACH
def test_a_change_touches_the_given_fields_only(call: Any, target: str, name: str) -> None:
    before = call("GET", target, key=key(name)).data
    changed = call("PATCH", target, {"name": "Newer", "bio": "b"}, key=key(name)).data
    assert changed == {**before, "name": "Newer", "bio": "b"}
    assert call("GET", target, key=key(name)).data == changed


@EACH
def test_every_field_can_be_changed(call: Any, target: str, name: str) -> None:
    body = {"name": "Newer", "slug": "newer", **FIELDS}
    assert call("PATCH", target, body, key=key(name)).data.items() >= body.items()


@EACH
def test_a_change_has_to_name_the_team(call: Any, target: str, name: str) -> None:
    told = call("PATCH", target, {"bio": "b"}, key=key(name))
    assert told.constraints.keys() == {"name"}


@EACH
def test_booking_limits_are_a_text(call: Any, target: str, name: str) -> None:
    body = {"name": "Newer", "bookingLimits": {"PER_DAY": 3}}
    assert call("PATCH", target, body, key=key(name)).constraints.keys() == {"bookingLimits"}


def test_limits_that_no_answer_shows_are_kept(call: Any, sandbox: Sandbox) -> None:
    limits = {"bookingLimits": '{"PER_DAY": 3}', "includeManagedEventsInLimits": True}
    call("PATCH", f"/v2/teams/{CHESS}", {"name": "Chess", **limits}, key=key(OSCAR))
    (chess,) = (team for team in sandbox.state()["teams"] if team["id"] == CHESS)
    assert chess.items() >= limits.items()


@EACH
def test_null_clears_what_may_be_empty(call: Any, target: str, name: str) -> None:
    call("PATCH", target, {"name": "Newer", "bio": "b"}, key=key(name))
    changed = call("PATCH", target, {"name": "Newer", "bio": None}, key=key(name))
    assert changed.data["bio"] is None


@EACH
def test_null_is_no_answer_to_whether_a_team_is_private(call: Any, target: str, name: str) -> None:
    told = call("PATCH", target, {"name": "Newer", "isPrivate": None}, key=key(name))
    assert told.status == 400


def test_a_change_to_a_taken_slug_is_a_conflict(call: Any) -> None:
    body = {"name": "Sales", "slug": "support"}
    assert call("PATCH", f"{OF_ACME}/{SALES}", body, key=key(OLIVIA)).status == 409


def test_a_team_may_keep_its_own_slug(call: Any) -> None:
    body = {"name": "Sales", "slug": "sales"}
    assert call("PATCH", f"{OF_ACME}/{SALES}", body, key=key(OLIVIA)).status == 200


@EACH
def test_a_deleted_team_is_shown_once_more(call: Any, target: str, name: str) -> None:
    before = call("GET", target, key=key(name)).data
    assert call("DELETE", target, key=key(name)).data == before
    assert call("GET", target, key=key(name)).status in (403, 404)


@EACH
def test_a_deleted_team_takes_along_what_belongs_to_it(
    call: Any, sandbox: Sandbox, target: str, name: str
) -> None:
    demo = {
        "title": "Demo",
        "slug": "demo",
        "lengthInMinutes": 30,
        "schedulingType": "managed",
        "hosts": [{"userId": user_id(MAX)}],
    }
    made = call("POST", f"{target}/event-types", demo, key=key(name), version="2024-06-14")
    assert made.status == 201
    assert len(sandbox.state()["eventTypes"]) == 2
    call("DELETE", target, key=key(name))
    state = sandbox.state()
    assert state["eventTypes"] == []
    assert made.data[0]["teamId"] not in {one["teamId"] for one in state["memberships"]}


def test_a_deleted_organization_takes_along_its_teams(call: Any) -> None:
    call("DELETE", f"/v2/teams/{ACME}", key=key(OLIVIA))
    assert ids(call("GET", "/v2/teams", key=key(MAX))) == [CHESS]


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("name", [TESS, MAX])
def test_only_an_owner_may_write_to_a_team_of_no_organization(
    call: Any, name: str, method: str
) -> None:
    told = call(method, f"/v2/teams/{CHESS}", {"name": "Newer"}, key=key(name))
    assert told.status == 403
    assert "role=TEAM_OWNER" in told.error["message"]


def test_a_member_may_read_a_team_of_no_organization(call: Any) -> None:
    assert call("GET", f"/v2/teams/{CHESS}", key=key(MAX)).data["name"] == "Chess"


def test_a_refused_change_changes_nothing(call: Any) -> None:
    call("PATCH", f"{OF_ACME}/{SALES}", {"name": "Newer"}, key=key(TESS))
    assert call("GET", f"{OF_ACME}/{SALES}", key=key(TESS)).data["name"] == "Sales"


def test_an_oauth_client_makes_teams_in_the_name_of_its_platforms_owner(call: Any) -> None:
    collection = f"/v2/organizations/{PLATFORM}/teams"
    made = call("POST", collection, {"name": "Night shift"}, key=None, headers=CLIENT)
    assert made.status == 201
    assert ids(call("GET", f"{collection}/me", key=None, headers=CLIENT)) == [made.data["id"]]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_is_refused(call: Any, method: str) -> None:
    assert call(method, "/v2/teams", {"name": "Go"}, key=None).status == 401
