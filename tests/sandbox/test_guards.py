"""Who may do what in organizations and teams, and in which order that is asked."""

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
    FAR,
    MAX,
    MIA,
    NOWHERE,
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


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def status(call: Any, name: str, target: str) -> int:
    found: int = call("GET", target, key=key(name)).status
    return found


def refusal(call: Any, name: str, target: str, method: str = "GET") -> tuple[int, str]:
    told = call(method, target, key=key(name))
    return told.status, told.error["message"]


@pytest.mark.parametrize("name", [OLIVIA, ADA])
def test_owners_and_admins_may_do_what_an_admin_of_the_organization_may(
    call: Any, name: str
) -> None:
    assert status(call, name, f"/v2/organizations/{ACME}/teams") == 200


def test_a_member_of_the_organization_is_told_the_role_that_it_takes(call: Any) -> None:
    assert refusal(call, MAX, f"/v2/organizations/{ACME}/teams") == (
        403,
        f"RolesGuard - user with id={user_id(MAX)} does not have the minimum required "
        f"role=ORG_ADMIN within organization with id={ACME}.",
    )


def test_a_member_of_the_organization_may_do_what_members_may(call: Any) -> None:
    assert status(call, MAX, f"/v2/organizations/{ACME}/teams/me") == 200


def test_an_outsider_is_no_member_of_the_organization(call: Any) -> None:
    assert refusal(call, OSCAR, f"/v2/organizations/{ACME}/teams") == (
        403,
        f"RolesGuard - User is not a member of the organization with id={ACME}.",
    )


@pytest.mark.parametrize("org_id", [NOWHERE, CHESS, SALES])
def test_what_is_no_organization_is_forbidden(call: Any, org_id: int) -> None:
    assert refusal(call, OSCAR, f"/v2/organizations/{org_id}/teams") == (
        403,
        f"IsOrgGuard - provided organization id={org_id} does not represent any existing "
        "organization.",
    )


def test_an_organization_is_asked_for_by_a_number(call: Any) -> None:
    assert status(call, OLIVIA, "/v2/organizations/acme/teams") == 400


def test_an_oauth_client_may_do_what_the_owner_of_its_platform_may(call: Any) -> None:
    told = call("GET", f"/v2/organizations/{PLATFORM}/teams", key=None, headers=CLIENT)
    assert told.status == 200


def test_an_oauth_client_is_an_outsider_to_other_organizations(call: Any) -> None:
    told = call("GET", f"/v2/organizations/{ACME}/teams", key=None, headers=CLIENT)
    assert told.status == 403


def test_nobody_is_asked_for_credentials_first(call: Any) -> None:
    assert call("GET", f"/v2/organizations/{NOWHERE}/teams", key=None).status == 401


def test_who_is_invited_holds_the_role_already(call: Any) -> None:
    target = f"/v2/organizations/{ACME}/teams/{SUPPORT}"
    body = {"userId": user_id(MIA), "role": "ADMIN", "accepted": False}
    assert status(call, MIA, target) == 403
    call("POST", f"{target}/memberships", body, key=key(OLIVIA))
    assert status(call, MIA, target) == 200


@pytest.mark.parametrize("name", [OLIVIA, ADA, TESS])
def test_admins_of_the_team_or_of_its_organization_may_do_what_an_admin_of_the_team_may(
    call: Any, name: str
) -> None:
    assert status(call, name, f"/v2/organizations/{ACME}/teams/{SALES}") == 200


def test_a_member_of_the_team_is_told_the_role_that_it_takes(call: Any) -> None:
    assert refusal(call, MAX, f"/v2/organizations/{ACME}/teams/{SALES}") == (
        403,
        f"RolesGuard - user with id={user_id(MAX)} does not have the minimum required "
        f"role=TEAM_ADMIN within organization with id={ACME} team with id={SALES}.",
    )


def test_an_admin_of_the_team_alone_may_not_do_what_an_admin_of_the_organization_may(
    call: Any,
) -> None:
    told = refusal(call, TESS, f"/v2/organizations/{ACME}/teams/{SALES}", "DELETE")
    assert told == (
        403,
        f"RolesGuard - user with id={user_id(TESS)} does not have the minimum required "
        f"role=ORG_ADMIN within organization with id={ACME} team with id={SALES}.",
    )


@pytest.mark.parametrize("team_id", [SALES, FAR, NOWHERE])
def test_a_member_of_the_organization_learns_nothing_of_teams_of_others(
    call: Any, team_id: int
) -> None:
    assert refusal(call, MIA, f"/v2/organizations/{ACME}/teams/{team_id}") == (
        403,
        f"RolesGuard - User is not part of the team with id={team_id} and/or, is not an admin nor "
        f"an owner of the organization with id={ACME}.",
    )


def test_an_outsider_is_no_part_of_the_organization_of_a_team(call: Any) -> None:
    assert refusal(call, OSCAR, f"/v2/organizations/{ACME}/teams/{SALES}") == (
        403,
        f"RolesGuard - User is not part of the organization with id={ACME}.",
    )


@pytest.mark.parametrize("team_id", [FAR, CHESS, NOWHERE, ACME])
def test_a_team_that_is_not_in_the_organization_is_not_found(call: Any, team_id: int) -> None:
    assert refusal(call, OLIVIA, f"/v2/organizations/{ACME}/teams/{team_id}") == (
        404,
        f"IsTeamInOrg - Team ({team_id}) not found.",
    )


def test_a_member_of_a_team_is_told_the_role_that_it_takes_there(call: Any) -> None:
    assert refusal(call, MAX, f"/v2/teams/{CHESS}/memberships") == (
        403,
        f"RolesGuard - user with id={user_id(MAX)} does not have the minimum required "
        f"role=TEAM_ADMIN within team with id={CHESS}.",
    )


@pytest.mark.parametrize("name", [OSCAR, TESS])
def test_owners_and_admins_may_do_what_an_admin_of_a_team_may(call: Any, name: str) -> None:
    assert status(call, name, f"/v2/teams/{CHESS}/memberships") == 200


@pytest.mark.parametrize("team_id", [CHESS, NOWHERE])
def test_an_outsider_is_no_member_of_a_team_whether_it_exists_or_not(
    call: Any, team_id: int
) -> None:
    assert refusal(call, OLIVIA, f"/v2/teams/{team_id}") == (
        403,
        f"RolesGuard - User is not a member of the team with id={team_id}.",
    )


def test_an_admin_of_the_organization_is_an_outsider_where_only_the_team_is_named(
    call: Any,
) -> None:
    assert status(call, ADA, f"/v2/teams/{SALES}") == 403
