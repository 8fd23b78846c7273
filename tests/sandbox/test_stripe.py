"""/v2/stripe and /v2/organizations/{orgId}/teams/{teamId}/stripe."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from cal_actions.sandbox import Reply, Sandbox
from tests.sandbox.conftest import SAM, Clock

MANAGED, MEMBER, OUTSIDER, PLATFORM = "mias", "maxs", "cal_oscar", "cal_petra"
CLIENT = {"x-cal-client-id": "client", "x-cal-secret-key": "secret"}
TEAM = "/v2/organizations/20/teams/21/stripe"
FINE, FAILED = "https://app.example.com/fine", "https://app.example.com/failed"
STATE = {"accessToken": MANAGED, "returnTo": FINE, "onErrorReturnTo": FAILED, "fromApp": False}
TEAM_STATE = {**STATE, "orgId": "20", "teamId": "21"}
LATER = "2027-01-01T00:00:00.000Z"
WORLD = {
    "users": [
        {"id": 1, "username": "olivia", "name": "Olivia O", "email": "olivia@example.com",
         "apiKeys": [{"key": SAM}]},
        {"id": 2, "username": "petra", "name": "Petra", "email": "petra@example.com",
         "apiKeys": [{"key": PLATFORM}]},
        {"id": 3, "username": "oscar", "name": "Oscar", "email": "oscar@example.com",
         "apiKeys": [{"key": OUTSIDER}]},
        {"id": 4, "username": "mia", "email": "mia@example.com", "oAuthClientId": "client"},
        {"id": 5, "username": "max", "email": "max@example.com", "oAuthClientId": "client"},
    ],
    "teams": [
        {"id": 10, "name": "Acme", "slug": "acme", "isOrganization": True},
        {"id": 20, "name": "Built", "slug": "built", "isOrganization": True, "isPlatform": True},
        {"id": 21, "name": "Sales", "slug": "sales", "parentId": 20},
    ],
    "memberships": [
        {"teamId": 10, "userId": 1, "role": "OWNER", "accepted": True},
        {"teamId": 20, "userId": 2, "role": "OWNER", "accepted": True},
        {"teamId": 20, "userId": 4, "accepted": True},
        {"teamId": 20, "userId": 5, "accepted": True},
        {"teamId": 21, "userId": 4, "role": "ADMIN", "accepted": True},
        {"teamId": 21, "userId": 5, "accepted": True},
    ],
    "profiles": [
        {"userId": 2, "organizationId": 20, "username": "petra"},
        {"userId": 4, "organizationId": 20, "username": "mia"},
        {"userId": 5, "organizationId": 20, "username": "max"},
    ],
    "oAuthClients": [{"id": "client", "secret": "secret", "name": "App", "organizationId": 20}],
    "accessTokens": [
        {"token": MANAGED, "userId": 4, "oAuthClientId": "client", "expiresAt": LATER},
        {"token": MEMBER, "userId": 5, "oAuthClientId": "client", "expiresAt": LATER},
    ],
}  # fmt: skip


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def save(sandbox: Sandbox) -> Any:
    """Sends the browser to a callback, without credentials."""

    def send(path: str, state: Any, **query: str) -> Reply:
        text = state if isinstance(state, str) else json.dumps(state)
        target = f"{path}?{urlencode({'state': text, **query})}"
        return sandbox.handle("GET", target, {}, b"")

    return send


def state_in(address: str) -> Any:
    """What a consent page would send back."""
    return json.loads(parse_qs(urlsplit(address).query)["state"][0])


def test_nobody_is_connected_at_first(call: Any) -> None:
    told = call("GET", "/v2/stripe/check")
    assert (told.status, told.error["message"]) == (404, "Credentials for stripe not found.")


def test_the_consent_page_names_the_caller_and_the_callback(call: Any) -> None:
    address = call("GET", "/v2/stripe/connect", headers={"Host": "127.0.0.1:5555"}).data["authUrl"]
    query = parse_qs(urlsplit(address).query)
    assert address.startswith("https://connect.stripe.com/oauth/authorize?client_id=")
    assert query["stripe_user[email]"] == ["olivia@example.com"]
    assert query["redirect_uri"] == ["http://127.0.0.1:5555/v2/stripe/save"]


def test_the_state_holds_the_key_and_where_to_return(call: Any) -> None:
    target = f"/v2/stripe/connect?{urlencode({'returnTo': FINE, 'onErrorReturnTo': FAILED})}"
    assert state_in(call("GET", target, key=MANAGED).data["authUrl"]) == STATE


def test_the_state_returns_to_where_the_caller_is_unless_told_otherwise(call: Any) -> None:
    told = call("GET", "/v2/stripe/connect", headers={"Origin": "https://here.example.com"})
    state = state_in(told.data["authUrl"])
    assert state["returnTo"] == state["onErrorReturnTo"] == "https://here.example.com"


def test_the_state_of_a_team_names_it(call: Any) -> None:
    state = state_in(call("GET", f"{TEAM}/connect", key=PLATFORM).data["authUrl"])
    assert (state["orgId"], state["teamId"]) == ("20", "21")


def test_the_credentials_of_an_oauth_client_have_no_key_to_come_back_with(call: Any) -> None:
    assert call("GET", "/v2/stripe/connect", key=None, headers=CLIENT).status == 400


def test_the_way_through_the_consent_page_connects(call: Any, save: Any) -> None:
    target = f"/v2/stripe/connect?returnTo={FINE}"
    address = call("GET", target, key=MANAGED).data["authUrl"]
    reply = save("/v2/stripe/save", state_in(address), code="any")
    assert (reply.status, reply.headers["Location"]) == (301, FINE)
    assert call("GET", "/v2/stripe/check", key=MANAGED).body == {"status": "success"}


def test_a_user_is_connected_alone(call: Any, save: Any) -> None:
    save("/v2/stripe/save", STATE, code="any")
    assert call("GET", "/v2/stripe/check", key=MEMBER).status == 404
    assert call("GET", f"{TEAM}/check", key=MANAGED).status == 404


@pytest.mark.parametrize("state", [STATE, TEAM_STATE])
def test_a_second_account_takes_the_place_of_the_first(
    sandbox: Sandbox, save: Any, state: Any
) -> None:
    replies = [save("/v2/stripe/save", state, code=code) for code in ("first", "second")]
    assert [reply.headers["Location"] for reply in replies] == [FINE, FINE]
    assert len(sandbox.state()["credentials"]) == 1


@pytest.mark.parametrize("path", ["/v2/stripe/save", f"{TEAM}/save"])
def test_a_team_is_connected_under_either_address(call: Any, save: Any, path: str) -> None:
    assert save(path, TEAM_STATE, code="any").headers["Location"] == FINE
    assert call("GET", f"{TEAM}/check", key=MANAGED).body == {"status": "success"}
    assert call("GET", "/v2/stripe/check", key=MANAGED).status == 404


def test_the_ids_in_a_state_may_be_numbers(call: Any, save: Any) -> None:
    save("/v2/stripe/save", {**TEAM_STATE, "orgId": 20, "teamId": 21}, code="any")
    assert call("GET", f"{TEAM}/check", key=MANAGED).status == 200


@pytest.mark.parametrize("path", ["/v2/stripe/save", f"{TEAM}/save"])
@pytest.mark.parametrize("key", [MEMBER, OUTSIDER, PLATFORM])
def test_only_a_managed_admin_connects_a_team(
    sandbox: Sandbox, save: Any, path: str, key: str
) -> None:
    reply = save(path, {**TEAM_STATE, "accessToken": key}, code="any")
    assert reply.headers["Location"] == FAILED
    assert sandbox.state()["credentials"] == []


@pytest.mark.parametrize(
    ("state", "query"),
    [
        (STATE, {"error": "access_denied", "code": "any"}),
        (STATE, {"error": "server_error", "code": "any"}),
        (STATE, {}),
        ({**STATE, "accessToken": "cal_nobody"}, {"code": "any"}),
        ({**STATE, "accessToken": SAM}, {"code": "any"}),
        ({"onErrorReturnTo": FAILED}, {"code": "any"}),
        ({**TEAM_STATE, "teamId": "99"}, {"code": "any"}),
        ({**TEAM_STATE, "teamId": "x"}, {"code": "any"}),
    ],
    ids=["denied", "failed", "no code", "unknown", "API key", "no token", "no team", "no id"],
)
def test_what_goes_wrong_leads_to_the_other_address(
    sandbox: Sandbox, save: Any, state: Any, query: dict[str, str]
) -> None:
    reply = save("/v2/stripe/save", state, **query)
    assert (reply.status, reply.headers["Location"]) == (301, FAILED)
    assert sandbox.state()["credentials"] == []


@pytest.mark.parametrize("path", ["/v2/stripe/save", f"{TEAM}/save"])
@pytest.mark.parametrize("state", ["", "{", "5", "[]"])
def test_a_callback_without_a_state_is_refused(save: Any, path: str, state: str) -> None:
    assert save(path, state, code="any").status == 400


def test_an_account_that_stripe_no_longer_lets_in_is_invalid(clock: Clock) -> None:
    broken = {"type": "stripe_payment", "appId": "stripe", "userId": 1, "invalid": True}
    with Sandbox(now=clock, world={**WORLD, "credentials": [broken]}) as sandbox:
        headers = {"Authorization": f"Bearer {SAM}"}
        reply = sandbox.handle("GET", "/v2/stripe/check", headers, b"")
    assert (reply.status, json.loads(reply.body)["error"]["message"]) == (
        400,
        "Invalid stripe credentials.",
    )


@pytest.mark.parametrize("action", ["check", "connect"])
@pytest.mark.parametrize(("key", "status"), [(MEMBER, 403), (OUTSIDER, 403), (None, 401)])
def test_a_teams_account_is_its_admins_business(
    call: Any, action: str, key: str | None, status: int
) -> None:
    assert call("GET", f"{TEAM}/{action}", key=key).status == status


def test_a_team_of_another_organization_is_not_found(call: Any) -> None:
    assert call("GET", "/v2/organizations/10/teams/21/stripe/check").status == 404


def test_a_deleted_user_takes_the_account_along(call: Any, sandbox: Sandbox, save: Any) -> None:
    save("/v2/stripe/save", STATE, code="any")
    told = call("DELETE", "/v2/oauth-clients/client/users/4", key=None, headers=CLIENT)
    assert told.status == 200
    assert sandbox.state()["credentials"] == []
