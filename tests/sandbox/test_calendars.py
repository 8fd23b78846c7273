"""Connected calendars: consent, Apple's credentials, selected and destination calendars."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.seed import BUILT_IN
from tests.sandbox.conftest import Caller, Clock
from tests.sandbox.managed_user import CLIENT, MIA, TOKEN, USER

ROBIN = "cal_sandbox_member"
APPLE = {"username": "sam@icloud.example", "password": "abcd-efgh"}
GOOGLE_OF_MIA = {"integration": "google_calendar", "externalId": "mia@example.com"}
WORLD = {
    **BUILT_IN,
    "users": [
        *BUILT_IN["users"],
        USER,
    ],
    "accessTokens": [TOKEN],
    "credentials": [
        {
            "id": 50,
            "type": "google_calendar",
            "appId": "google-calendar",
            "userId": 2,
            "invalid": True,
        },
        {"id": 51, "type": "zoom_video", "appId": "zoom", "userId": 1},
    ],
}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


@pytest.fixture
def apple(call: Any) -> int:
    """The number of Sam's Apple credential."""
    assert call("POST", "/v2/calendars/apple/credentials", APPLE).status == 201
    return int(connected(call)[0]["credentialId"])


@pytest.fixture
def google(call: Any) -> int:
    """The number of Mia's Google credential."""
    assert consent(call, "google", state()).status == 301
    return int(connected(call, MIA)[0]["credentialId"])


def connected(call: Any, key: str = "cal_sandbox_owner") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("GET", "/v2/calendars", key=key).data["connectedCalendars"]
    return found


def destination(call: Any, key: str = "cal_sandbox_owner") -> dict[str, Any]:
    found: dict[str, Any] = call("GET", "/v2/calendars", key=key).data["destinationCalendar"]
    return found


def state(**words: Any) -> str:
    return json.dumps({"accessToken": MIA, "origin": "https://app.example.com", **words})


def consent(call: Any, calendar: str, text: str, code: str = "any") -> Any:
    """What the callback answers to a browser, which sends no key."""
    target = f"/v2/calendars/{calendar}/save?state={quote(text)}&code={code}"
    reply = call.sandbox.handle("GET", target, {}, b"")
    return reply


def selection(credential_id: int, **changed: Any) -> dict[str, Any]:
    return {
        "integration": "apple_calendar",
        "externalId": APPLE["username"],
        "credentialId": credential_id,
        **changed,
    }


def unselect(call: Any, named: dict[str, Any], **options: Any) -> Any:
    query = "&".join(f"{name}={quote(str(value))}" for name, value in named.items())
    return call("DELETE", f"/v2/selected-calendars?{query}", **options)


def test_an_apple_account_has_one_primary_calendar(call: Any, apple: int) -> None:
    (connection,) = connected(call)
    assert connection["integration"]["type"] == "apple_calendar"
    assert connection["calendars"] == [connection["primary"]]
    assert connection["primary"] == {
        "externalId": "sam@icloud.example",
        "integration": "apple_calendar",
        "name": "sam@icloud.example",
        "primary": True,
        "readOnly": False,
        "email": "sam@icloud.example",
        "isSelected": False,
        "credentialId": apple,
        "delegationCredentialId": None,
    }


def test_a_password_is_shown_nowhere(call: Any, apple: int) -> None:
    assert APPLE["password"] not in json.dumps(call("GET", "/v2/calendars").body)


def test_the_same_apple_account_again_adds_no_calendar(call: Any, apple: int) -> None:
    call("POST", "/v2/calendars/apple/credentials", {**APPLE, "password": "changed"})
    assert [one["credentialId"] for one in connected(call)] == [apple]
    assert call.sandbox.state()["credentials"][-1]["key"]["password"] == "changed"


def test_another_apple_account_is_another_calendar(call: Any, apple: int) -> None:
    call("POST", "/v2/calendars/apple/credentials", {**APPLE, "username": "work@icloud.example"})
    names = [one["primary"]["name"] for one in connected(call)]
    assert names == ["sam@icloud.example", "work@icloud.example"]


def test_only_apple_takes_credentials(call: Any) -> None:
    told = call("POST", "/v2/calendars/google/credentials", APPLE)
    assert told.status == 400
    assert told.error["message"].startswith("Invalid calendar type")


def test_an_empty_apple_password_is_refused(call: Any) -> None:
    told = call("POST", "/v2/calendars/apple/credentials", {**APPLE, "password": ""})
    assert told.constraints == {
        "password": {"minLength": "password must be longer than or equal to 1 characters"}
    }
    assert connected(call) == []


def test_the_calendars_of_others_are_not_shown(call: Any, apple: int) -> None:
    assert [one["credentialId"] for one in connected(call, ROBIN)] == [50]


def test_a_connected_calendar_passes_its_check(call: Any, apple: int) -> None:
    assert call("GET", "/v2/calendars/apple/check").body == {"status": "success"}


def test_the_older_google_check_tells_the_same(call: Any) -> None:
    newer = call("GET", "/v2/calendars/google/check", key=ROBIN)
    older = call("GET", "/v2/gcal/check", key=ROBIN)
    assert (newer.status, newer.error) == (older.status, older.error)
    assert older.status == 401


def test_nobody_may_see_calendars(call: Any) -> None:
    assert call("GET", "/v2/calendars", key=None).status == 401


def test_an_oauth_client_sees_the_calendars_of_its_owner(call: Any, apple: int) -> None:
    told = call("GET", "/v2/calendars", key=None, headers=CLIENT)
    assert [one["credentialId"] for one in told.data["connectedCalendars"]] == [apple]


def test_an_oauth_client_without_permission_may_not_check_google(clock: Clock) -> None:
    client = {**BUILT_IN["oAuthClients"][0], "permissions": []}
    with Sandbox(now=clock, world={**WORLD, "oAuthClients": [client]}) as sandbox:
        assert sandbox.handle("GET", "/v2/gcal/check", CLIENT, b"").status == 403


@pytest.mark.parametrize("calendar", ["google", "office365"])
def test_the_url_of_consent_leads_back_to_the_calendar(call: Any, calendar: str) -> None:
    target = f"/v2/calendars/{calendar}/connect?redir=https%3A%2F%2Fapp.example.com%2Fdone"
    url = call("GET", target, headers={"Origin": "https://app.example.com"}, key=MIA).data
    asked = parse_qs(urlsplit(url["authUrl"]).query)
    assert consent(call, calendar, asked["state"][0]).headers["Location"] == (
        "https://app.example.com/done"
    )
    assert len(connected(call, MIA)) == 1


def test_the_url_of_consent_names_the_server_the_caller_reached(call: Any) -> None:
    told = call("GET", "/v2/calendars/office365/connect", headers={"Host": "cal.example:5555"})
    asked = parse_qs(urlsplit(told.data["authUrl"]).query)
    assert asked["redirect_uri"] == ["http://cal.example:5555/v2/calendars/office365/save"]
    assert json.loads(asked["state"][0])["origin"] == "cal.example:5555"


def test_a_dry_run_is_true_or_false(call: Any) -> None:
    assert call("GET", "/v2/calendars/google/connect?isDryRun=perhaps").status == 400


def test_a_google_calendar_is_the_users_own(call: Any, google: int) -> None:
    (connection,) = connected(call, MIA)
    assert connection["primary"]["externalId"] == "mia@example.com"
    assert call("GET", "/v2/calendars/google/check", key=MIA).status == 200


def test_consent_without_an_address_for_afterwards_ends_at_the_origin(call: Any) -> None:
    reply = consent(call, "google", state())
    assert reply.headers["Location"] == "https://app.example.com"


def test_an_address_cannot_end_its_header(call: Any) -> None:
    reply = consent(call, "google", state(redir="https://a.example/\r\nSet-Cookie: x=ü"))
    assert reply.headers["Location"] == "https://a.example/%0D%0ASet-Cookie:%20x=%C3%BC"


def test_an_address_of_half_a_character_is_sent_as_a_question_mark(call: Any) -> None:
    assert consent(call, "google", state(redir="https://a.example/\ud800")).headers["Location"] == (
        "https://a.example/?"
    )


def test_a_dry_run_connects_nothing(call: Any) -> None:
    assert consent(call, "google", state(isDryRun=True)).status == 301
    assert connected(call, MIA) == []


def test_a_user_who_does_not_consent_comes_back_unconnected(call: Any) -> None:
    assert consent(call, "google", state(), code="").status == 301
    assert connected(call, MIA) == []


def test_the_state_of_an_api_key_connects_nothing(call: Any) -> None:
    reply = consent(call, "google", state(accessToken="cal_sandbox_owner"))
    assert reply.status == 401
    assert json.loads(reply.body)["error"]["message"] == "Invalid Access token."
    assert connected(call) == []


@pytest.mark.parametrize("text", ["[]", "null", "7", '{"accessToken": 1}', "{", ""])
def test_a_state_that_names_nobody_is_refused(call: Any, text: str) -> None:
    reply = consent(call, "google", text)
    assert reply.status == 400
    assert "accessToken - Expected string" in json.loads(reply.body)["error"]["message"]


def test_the_older_form_of_a_state_connects_too(call: Any) -> None:
    text = f"accessToken={MIA}&origin=https://app.example.com&isDryRun=false"
    assert consent(call, "office365", text).status == 301
    assert connected(call, MIA)[0]["integration"]["type"] == "office365_calendar"


def test_consent_mends_a_connection_that_no_longer_worked(clock: Clock) -> None:
    world = {**WORLD, "credentials": [{**WORLD["credentials"][0], "userId": 3}]}
    with Sandbox(now=clock, world=world) as sandbox:
        target = f"/v2/calendars/google/save?code=any&state={quote(state())}"
        assert sandbox.handle("GET", target, {}, b"").status == 301
        assert [one["invalid"] for one in sandbox.state()["credentials"]] == [False]


def test_googles_older_callback_goes_on_to_the_newer(call: Any) -> None:
    target = f"/v2/gcal/oauth/save?code=a%26b&state={quote(state())}"
    reply = call.sandbox.handle("GET", target, {"Host": "cal.example"}, b"")
    place = urlsplit(reply.headers["Location"])
    assert place.path == "/v2/calendars/google/save"
    assert parse_qs(place.query) == {"code": ["a&b"], "state": [state()]}


def test_a_disconnected_calendar_is_gone(call: Any, apple: int) -> None:
    told = call("POST", "/v2/calendars/apple/disconnect", {"id": apple})
    assert told.data["id"] == apple
    assert call("GET", "/v2/calendars").data == {
        "connectedCalendars": [],
        "destinationCalendar": {},
    }


def test_disconnecting_takes_the_selected_and_the_destination_calendar_along(
    call: Any, apple: int
) -> None:
    call("POST", "/v2/selected-calendars", selection(apple))
    assert destination(call)["credentialId"] == apple
    call("POST", "/v2/calendars/apple/disconnect", {"id": apple})
    world = call.sandbox.state()
    assert (world["selectedCalendars"], world["destinationCalendars"]) == ([], [])


@pytest.mark.parametrize("credential_id", [50, 51, 999])
def test_only_a_calendar_of_the_caller_can_be_disconnected(call: Any, credential_id: int) -> None:
    before = call.sandbox.state()["credentials"]
    told = call("POST", "/v2/calendars/google/disconnect", {"id": credential_id})
    assert told.status == 404
    assert call.sandbox.state()["credentials"] == before


def test_a_broken_calendar_can_be_disconnected(call: Any) -> None:
    assert call("POST", "/v2/calendars/google/disconnect", {"id": 50}, key=ROBIN).status == 200
    assert connected(call, ROBIN) == []


def test_a_selected_calendar_is_shown_as_such(call: Any, apple: int) -> None:
    told = call("POST", "/v2/selected-calendars", selection(apple))
    assert (told.status, told.data) == (201, {**selection(apple), "userId": 1})
    assert connected(call)[0]["primary"]["isSelected"] is True


def test_selecting_twice_is_answered_without_data(call: Any, apple: int) -> None:
    call("POST", "/v2/selected-calendars", selection(apple))
    told = call("POST", "/v2/selected-calendars", selection(apple))
    assert (told.status, told.body) == (201, {"status": "success"})
    assert len(call.sandbox.state()["selectedCalendars"]) == 1


@pytest.mark.parametrize(
    "changed",
    [{"externalId": "other"}, {"integration": "google_calendar"}, {"credentialId": 50}],
)
def test_only_a_connected_calendar_can_be_selected(
    call: Any, apple: int, changed: dict[str, Any]
) -> None:
    told = call("POST", "/v2/selected-calendars", selection(apple, **changed))
    assert told.status == 404
    assert call.sandbox.state()["selectedCalendars"] == []


def test_a_calendar_can_be_unselected(call: Any, apple: int) -> None:
    call("POST", "/v2/selected-calendars", selection(apple))
    told = unselect(call, selection(apple))
    assert (told.status, told.data) == (200, {**selection(apple), "userId": 1})
    assert connected(call)[0]["primary"]["isSelected"] is False


def test_a_calendar_that_is_not_selected_cannot_be_unselected(call: Any, apple: int) -> None:
    assert unselect(call, selection(apple)).status == 404


def test_the_calendar_of_another_cannot_be_unselected(call: Any, apple: int) -> None:
    call("POST", "/v2/selected-calendars", selection(apple))
    assert unselect(call, selection(apple), key=ROBIN).status == 404
    assert len(call.sandbox.state()["selectedCalendars"]) == 1


@pytest.mark.parametrize("number", ["9" * 5000, "-1", "1.5", "one", "²"])
def test_a_query_holds_a_credentials_number_in_digits(call: Any, number: str) -> None:
    told = unselect(call, selection(1, credentialId=number))
    assert told.status == (404 if number.startswith("9") else 400)


def test_the_first_look_chooses_the_first_calendar_to_write_to(call: Any, apple: int) -> None:
    chosen = destination(call)
    assert chosen["externalId"] == APPLE["username"]
    assert chosen["primaryEmail"] == APPLE["username"]
    assert chosen["integrationTitle"] == "Apple Calendar"


def test_a_second_look_finds_the_same_destination(call: Any, apple: int, clock: Clock) -> None:
    first = destination(call)
    clock.advance(hours=1)
    assert destination(call) == first


def test_the_destination_can_be_chosen(call: Any, google: int) -> None:
    consent(call, "office365", state())
    office = {**GOOGLE_OF_MIA, "integration": "office365_calendar"}
    told = call("PUT", "/v2/destination-calendars", office, key=MIA)
    assert told.data == {**office, "userId": 3, "credentialId": google + 1}
    assert destination(call, MIA)["integration"] == "office365_calendar"


def test_without_the_chosen_calendar_the_destination_is_another(call: Any, google: int) -> None:
    consent(call, "office365", state())
    assert destination(call, MIA)["credentialId"] == google
    call("POST", "/v2/calendars/google/disconnect", {"id": google}, key=MIA)
    assert destination(call, MIA)["credentialId"] == google + 1


def test_a_new_calendar_takes_over_where_none_could_be_written_to(clock: Clock) -> None:
    broken = {**WORLD["credentials"][0], "userId": 1}
    with Sandbox(now=clock, world={**WORLD, "credentials": [broken]}) as sandbox:
        call = Caller(sandbox)
        assert destination(call)["externalId"] == ""
        call("POST", "/v2/calendars/apple/credentials", APPLE)
        assert destination(call)["externalId"] == APPLE["username"]


def test_the_calendar_of_another_is_no_destination(call: Any, google: int) -> None:
    told = call("PUT", "/v2/destination-calendars", GOOGLE_OF_MIA)
    assert told.status == 404
    assert told.error["message"] == "Could not find calendar mia@example.com"


def test_a_destination_is_of_a_kind_that_can_be_written_to(call: Any) -> None:
    told = call("PUT", "/v2/destination-calendars", {**GOOGLE_OF_MIA, "integration": "zoom_video"})
    assert told.constraints == {
        "integration": {"isEnum": "integration must be one of the following values: "}
    }


def test_a_world_with_calendars_can_be_kept_and_started_from(
    call: Any, apple: int, clock: Clock
) -> None:
    call("POST", "/v2/selected-calendars", selection(apple))
    call("GET", "/v2/calendars")
    world = call.sandbox.state()
    with Sandbox(now=clock, world=world) as again:
        assert again.state() == world


def test_a_credential_belongs_to_a_user_or_a_team(clock: Clock) -> None:
    shared = {"type": "zoom_video", "appId": "zoom", "userId": 1, "teamId": 3}
    with pytest.raises(ValueError, match="credentials"):
        Sandbox(now=clock, world={**WORLD, "credentials": [shared]})
