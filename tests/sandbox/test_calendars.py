"""/v2/calendars, /v2/selected-calendars, /v2/destination-calendars and /v2/gcal."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from cal_actions.sandbox import Reply, Sandbox
from tests.sandbox.calendar_world import MIA, WORLD
from tests.sandbox.conftest import KIM, SAM, Caller, Clock, Told

APPLE = {"username": "sam@icloud.example", "password": "app-word"}
SAMS = {"integration": "apple_calendar", "externalId": "sam@icloud.example"}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def connect_apple(call: Caller, **account: str) -> int:
    """Sam's Apple calendar; gives the id of its credential."""
    assert call("POST", "/v2/calendars/apple/credentials", {**APPLE, **account}).status == 201
    return int(listed(call)[-1]["credentialId"])


def listed(call: Caller, key: str = SAM) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("GET", "/v2/calendars", key=key).data["connectedCalendars"]
    return found


def come_back(sandbox: Sandbox, calendar: str, code: str | None = "any", **state: Any) -> Reply:
    """The callback of a calendar's consent page."""
    words = {"accessToken": MIA, "origin": "https://app.example.com", "redir": "", **state}
    query = {"state": json.dumps(words), **({} if code is None else {"code": code})}
    return sandbox.handle("GET", f"/v2/calendars/{calendar}/save?{urlencode(query)}", {}, b"")


def select(call: Caller, credential_id: int, **change: Any) -> Told:
    return call("POST", "/v2/selected-calendars", {**SAMS, "credentialId": credential_id, **change})


def test_an_apple_account_is_one_calendar(call: Caller) -> None:
    connect_apple(call)
    (connected,) = listed(call)
    assert connected["integration"]["type"] == "apple_calendar"
    assert connected["primary"]["externalId"] == "sam@icloud.example"


def test_the_same_account_again_is_not_a_second_calendar(call: Caller) -> None:
    first = connect_apple(call)
    assert connect_apple(call, password="another-word") == first
    assert len(listed(call)) == 1


def test_a_password_is_never_shown(call: Caller) -> None:
    connect_apple(call)
    assert "app-word" not in json.dumps(call("GET", "/v2/calendars").body)


def test_a_connected_calendar_passes_its_check(call: Caller) -> None:
    connect_apple(call)
    assert call("GET", "/v2/calendars/apple/check").status == 200


def test_a_calendar_is_its_owners_alone(call: Caller) -> None:
    connect_apple(call)
    assert listed(call, KIM) == []
    assert call("GET", "/v2/calendars/apple/check", key=KIM).status == 400


@pytest.mark.parametrize("calendar", ["google", "office365", "nothing"])
def test_only_apple_connects_with_a_password(call: Caller, calendar: str) -> None:
    assert call("POST", f"/v2/calendars/{calendar}/credentials", APPLE).status == 400


@pytest.mark.parametrize("missing", ["username", "password"])
def test_an_account_needs_a_name_and_a_password(call: Caller, missing: str) -> None:
    told = call("POST", "/v2/calendars/apple/credentials", {**APPLE, missing: ""})
    assert list(told.constraints) == [missing]


@pytest.mark.parametrize("calendar", ["google", "office365"])
def test_a_consent_connects_the_calendar_of_a_managed_user(
    sandbox: Sandbox, call: Caller, calendar: str
) -> None:
    assert come_back(sandbox, calendar).status == 301
    assert call("GET", f"/v2/calendars/{calendar}/check", key=MIA).status == 200


def test_a_consent_goes_where_its_state_says(sandbox: Sandbox) -> None:
    reply = come_back(sandbox, "google", redir="https://app.example.com/done")
    assert reply.headers["Location"] == "https://app.example.com/done"


@pytest.mark.parametrize("token", [SAM, "nobodys", ""])
def test_a_consent_for_an_api_key_is_refused(sandbox: Sandbox, token: str) -> None:
    assert come_back(sandbox, "google", accessToken=token).status == 401


def test_without_a_code_nothing_is_connected(sandbox: Sandbox, call: Caller) -> None:
    assert come_back(sandbox, "google", code=None).status == 301
    assert listed(call, MIA) == []


def test_a_dry_run_connects_nothing(sandbox: Sandbox, call: Caller) -> None:
    come_back(sandbox, "google", isDryRun=True)
    assert listed(call, MIA) == []


@pytest.mark.parametrize("state", ["", "x", "[]", "{}", '{"origin": 1, "accessToken": "x"}'])
def test_a_state_that_cannot_be_read_is_refused(sandbox: Sandbox, state: str) -> None:
    target = f"/v2/calendars/google/save?{urlencode({'state': state, 'code': 'x'})}"
    assert sandbox.handle("GET", target, {}, b"").status == 400


@pytest.mark.parametrize(
    ("calendar", "host"),
    [("google", "accounts.google.com"), ("office365", "login.microsoftonline.com")],
)
def test_the_consent_page_gets_a_state_that_names_the_caller(
    call: Caller, calendar: str, host: str
) -> None:
    url = urlsplit(call("GET", f"/v2/calendars/{calendar}/connect?redir=/x").data["authUrl"])
    state = json.loads(parse_qs(url.query)["state"][0])
    assert (url.hostname, state["accessToken"], state["redir"]) == (host, SAM, "/x")


def test_google_has_a_second_address_for_its_check(sandbox: Sandbox, call: Caller) -> None:
    assert call("GET", "/v2/gcal/check", key=MIA).status == 400
    come_back(sandbox, "google")
    assert call("GET", "/v2/gcal/check", key=MIA).status == 200


def test_a_calendar_that_is_disconnected_is_gone(call: Caller) -> None:
    credential_id = connect_apple(call)
    told = call("POST", "/v2/calendars/apple/disconnect", {"id": credential_id})
    assert told.data["id"] == credential_id
    assert listed(call) == []


def test_nobody_disconnects_the_calendar_of_another(call: Caller) -> None:
    credential_id = connect_apple(call)
    told = call("POST", "/v2/calendars/apple/disconnect", {"id": credential_id}, key=KIM)
    assert told.status == 404
    assert len(listed(call)) == 1


def test_a_selected_calendar_is_shown_as_one(call: Caller) -> None:
    credential_id = connect_apple(call)
    assert select(call, credential_id).status == 201
    assert listed(call)[0]["primary"]["isSelected"] is True


def test_a_calendar_that_is_not_connected_cannot_be_selected(call: Caller) -> None:
    credential_id = connect_apple(call)
    assert select(call, credential_id, externalId="other@icloud.example").status == 404
    assert select(call, 999).status == 404


def test_a_calendar_is_selected_no_longer(call: Caller) -> None:
    credential_id = connect_apple(call)
    select(call, credential_id)
    query = urlencode({**SAMS, "credentialId": credential_id})
    assert call("DELETE", f"/v2/selected-calendars?{query}").status == 200
    assert listed(call)[0]["primary"]["isSelected"] is False
    assert call("DELETE", f"/v2/selected-calendars?{query}").status == 404


def test_bookings_are_written_to_the_first_calendar_unless_another_is_chosen(
    call: Caller,
) -> None:
    connect_apple(call)
    connect_apple(call, username="work@icloud.example")
    assert destination(call) == "sam@icloud.example"
    body = {"integration": "apple_calendar", "externalId": "work@icloud.example"}
    assert call("PUT", "/v2/destination-calendars", body).status == 200
    assert destination(call) == "work@icloud.example"


def destination(call: Caller) -> Any:
    return call("GET", "/v2/calendars").data["destinationCalendar"].get("externalId")


def test_bookings_cannot_be_written_to_the_calendar_of_another(call: Caller) -> None:
    connect_apple(call)
    assert call("PUT", "/v2/destination-calendars", SAMS, key=KIM).status == 404


def test_disconnecting_takes_along_what_hangs_on_the_calendar(
    sandbox: Sandbox, call: Caller
) -> None:
    credential_id = connect_apple(call)
    select(call, credential_id)
    call("PUT", "/v2/destination-calendars", SAMS)
    call("POST", "/v2/calendars/apple/disconnect", {"id": credential_id})
    state = sandbox.state()
    assert (state["selectedCalendars"], state["destinationCalendars"]) == ([], [])


def test_a_calendar_that_no_longer_works_is_told(clock: Clock) -> None:
    broken = {"type": "google_calendar", "appId": "google-calendar", "userId": 1, "invalid": True}
    with Sandbox(now=clock, world={**WORLD, "credentials": [broken]}) as sandbox:
        call = Caller(sandbox)
        assert "error" in listed(call)[0]
        assert call("GET", "/v2/calendars/google/check").status == 401


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/v2/calendars"),
        ("GET", "/v2/calendars/apple/check"),
        ("POST", "/v2/calendars/apple/credentials"),
        ("POST", "/v2/selected-calendars"),
        ("PUT", "/v2/destination-calendars"),
        ("GET", "/v2/calendars/busy-times"),
    ],
)
def test_nobody_sees_or_changes_calendars_without_credentials(
    call: Caller, method: str, target: str
) -> None:
    assert call(method, target, key=None).status == 401
