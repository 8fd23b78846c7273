"""Conferencing apps: connecting, consent, the default one, disconnecting."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from cal_actions.sandbox import Sandbox
from cal_actions.sandbox.seed import BUILT_IN
from tests.sandbox.conftest import SAM, Clock
from tests.sandbox.managed_user import CLIENT, MIA, TOKEN, USER

ROBIN = "cal_sandbox_member"
WORLD = {
    **BUILT_IN,
    "users": [
        {**BUILT_IN["users"][0], "metadata": {"plan": "free"}},
        BUILT_IN["users"][1],
        USER,
    ],
    "accessTokens": [TOKEN],
    "credentials": [
        {"id": 50, "type": "google_calendar", "appId": "google-calendar", "userId": 1},
        {"id": 51, "type": "zoom_video", "appId": "zoom", "userId": 1},
        {"id": 52, "type": "zoom_video", "appId": "zoom", "teamId": 3},
    ],
}


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    with Sandbox(now=clock, world=WORLD) as made:
        yield made


def apps(call: Any, key: str = SAM) -> list[str]:
    return [one["appId"] for one in call("GET", "/v2/conferencing", key=key).data]


def default(call: Any, key: str = SAM) -> Any:
    return call("GET", "/v2/conferencing/default", key=key).body.get("data")


def state(**words: Any) -> str:
    return json.dumps(
        {"returnTo": "https://a.example/ok", "onErrorReturnTo": "https://a.example/err"}
        | {"accessToken": MIA}
        | words
    )


def consent(call: Any, app: str, text: str, query: str = "&code=any") -> Any:
    target = f"/v2/conferencing/{app}/oauth/callback?state={quote(text)}{query}"
    return call.sandbox.handle("GET", target, {}, b"")


def test_calendars_and_the_apps_of_teams_are_not_among_the_apps(call: Any) -> None:
    assert apps(call) == ["zoom"]
    assert apps(call, ROBIN) == []


def test_nobody_may_see_apps(call: Any) -> None:
    assert call("GET", "/v2/conferencing", key=None).status == 401


def test_an_oauth_client_sees_the_apps_of_its_owner(call: Any) -> None:
    told = call("GET", "/v2/conferencing", key=None, headers=CLIENT)
    assert [one["id"] for one in told.data] == [51]


def test_google_meet_is_connected_on_top_of_google_calendar(call: Any) -> None:
    told = call("POST", "/v2/conferencing/google-meet/connect")
    assert (told.status, told.data["type"]) == (200, "google_video")
    assert apps(call) == ["zoom", "google-meet"]


def test_google_meet_is_connected_once(call: Any) -> None:
    call("POST", "/v2/conferencing/google-meet/connect")
    told = call("POST", "/v2/conferencing/google-meet/connect")
    assert told.status == 400
    assert apps(call) == ["zoom", "google-meet"]


def test_google_meet_needs_the_callers_own_google_calendar(call: Any) -> None:
    assert call("POST", "/v2/conferencing/google-meet/connect", key=ROBIN).status == 400


@pytest.mark.parametrize(("app", "type"), [("zoom", "zoom_video"), ("msteams", "office365_video")])
def test_consent_connects_an_app(call: Any, app: str, type: str) -> None:
    reply = consent(call, app, state())
    assert (reply.status, reply.headers["Location"]) == (301, "https://a.example/ok")
    (found,) = call("GET", "/v2/conferencing", key=MIA).data
    assert (found["type"], found["appId"], found["userId"]) == (type, app, 3)


def test_the_url_of_consent_leads_back_to_the_app(call: Any) -> None:
    target = "/v2/conferencing/msteams/oauth/auth-url?returnTo=https%3A%2F%2Fa.example%2Fhere"
    asked = parse_qs(urlsplit(call("GET", target, key=MIA).data["url"]).query)
    assert asked["redirect_uri"] == ["http://localhost/v2/conferencing/msteams/oauth/callback"]
    reply = consent(call, "msteams", asked["state"][0])
    assert reply.headers["Location"] == "https://a.example/here"
    assert apps(call, MIA) == ["msteams"]


@pytest.mark.parametrize("app", ["google-meet", "daily-video", "nope"])
def test_other_apps_have_no_url_of_consent(call: Any, app: str) -> None:
    assert call("GET", f"/v2/conferencing/{app}/oauth/auth-url").status == 400


def test_consent_to_a_connected_app_connects_it_no_second_time(call: Any) -> None:
    consent(call, "zoom", state())
    consent(call, "zoom", state())
    assert apps(call, MIA) == ["zoom"]


@pytest.mark.parametrize(
    ("app", "words", "query"),
    [
        ("zoom", {}, "&error=access_denied&code=any"),
        ("zoom", {}, ""),
        ("zoom", {"accessToken": SAM}, "&code=any"),
        ("zoom", {"accessToken": 7}, "&code=any"),
        ("zoom", {"accessToken": "\ud800"}, "&code=any"),
        ("google-meet", {}, "&code=any"),
    ],
)
def test_consent_that_fails_ends_at_the_other_address(
    call: Any, app: str, words: dict[str, Any], query: str
) -> None:
    before = call.sandbox.state()["credentials"]
    reply = consent(call, app, state(**words), query)
    assert (reply.status, reply.headers["Location"]) == (301, "https://a.example/err")
    assert call.sandbox.state()["credentials"] == before


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_a_state_that_is_no_object_is_refused(call: Any, text: str) -> None:
    assert consent(call, "zoom", text).status == 400


def test_a_state_that_is_no_json_breaks_the_recorded_server(clock: Clock) -> None:
    with Sandbox(now=clock, world=WORLD, server_faults=True) as sandbox:
        target = "/v2/conferencing/zoom/oauth/callback?state=x&code=any"
        assert sandbox.handle("GET", target, {}, b"").status == 500


def test_a_connected_app_can_be_the_default(call: Any) -> None:
    assert call("POST", "/v2/conferencing/zoom/default").status == 200
    assert default(call) == {"appSlug": "zoom"}
    assert default(call, ROBIN) is None


def test_cal_video_can_be_the_default_of_everyone(call: Any) -> None:
    call("POST", "/v2/conferencing/daily-video/default", key=ROBIN)
    assert default(call, ROBIN) == {"appSlug": "daily-video"}


def test_an_app_that_is_not_connected_cannot_be_the_default(call: Any) -> None:
    told = call("POST", "/v2/conferencing/msteams/default")
    assert told.status == 400
    assert told.error["message"] == "msteams not connected."
    assert default(call) is None


def test_the_default_leaves_the_rest_of_the_users_metadata_alone(call: Any) -> None:
    call("POST", "/v2/conferencing/zoom/default")
    assert call.sandbox.state()["users"][0]["metadata"] == {
        "plan": "free",
        "defaultConferencingApp": {"appSlug": "zoom"},
    }


def test_a_disconnected_app_is_no_longer_the_default(call: Any) -> None:
    call("POST", "/v2/conferencing/zoom/default")
    assert call("DELETE", "/v2/conferencing/zoom/disconnect").status == 200
    assert (apps(call), default(call)) == ([], None)
    assert call.sandbox.state()["users"][0]["metadata"] == {"plan": "free"}


def test_a_default_that_the_user_wrote_is_left_alone(call: Any) -> None:
    call("PATCH", "/v2/me", {"metadata": {"defaultConferencingApp": "zoom"}})
    assert call("DELETE", "/v2/conferencing/zoom/disconnect").status == 200
    assert default(call) == "zoom"


def test_disconnecting_an_app_leaves_another_default_alone(call: Any) -> None:
    call("POST", "/v2/conferencing/daily-video/default")
    call("DELETE", "/v2/conferencing/zoom/disconnect")
    assert default(call) == {"appSlug": "daily-video"}


def test_disconnecting_leaves_the_apps_of_others_alone(call: Any) -> None:
    consent(call, "zoom", state())
    call("DELETE", "/v2/conferencing/zoom/disconnect")
    assert apps(call, MIA) == ["zoom"]


@pytest.mark.parametrize("app", ["daily-video", "nope"])
def test_only_an_app_that_users_connect_can_be_disconnected(call: Any, app: str) -> None:
    told = call("DELETE", f"/v2/conferencing/{app}/disconnect")
    assert told.status == 400
    assert told.error["message"].startswith("Invalid app")
