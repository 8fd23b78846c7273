"""/v2/conferencing: apps for video meetings."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from cal_actions.sandbox import Reply, Sandbox
from tests.sandbox.calendar_world import MIA, WORLD
from tests.sandbox.conftest import SAM, Caller, Clock

FINE, FAILED = "https://app.example.com/fine", "https://app.example.com/failed"


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    google = {"type": "google_calendar", "appId": "google-calendar", "userId": 1}
    with Sandbox(now=clock, world={**WORLD, "credentials": [google]}) as made:
        yield made


def come_back(sandbox: Sandbox, app: str = "zoom", code: str = "any", **state: Any) -> Reply:
    """The callback of an app's consent page."""
    words = {"accessToken": MIA, "returnTo": FINE, "onErrorReturnTo": FAILED, **state}
    query = urlencode({"state": json.dumps(words), "code": code})
    return sandbox.handle("GET", f"/v2/conferencing/{app}/oauth/callback?{query}", {}, b"")


def types(call: Caller, key: str = SAM) -> list[str]:
    return [one["type"] for one in call("GET", "/v2/conferencing", key=key).data]


def default(call: Caller, key: str = SAM) -> Any:
    return call("GET", "/v2/conferencing/default", key=key).body.get("data")


def test_google_meet_comes_with_google_calendar(call: Caller) -> None:
    assert call("POST", "/v2/conferencing/google-meet/connect").status == 200
    assert types(call) == ["google_video"]


def test_google_meet_needs_google_calendar(call: Caller) -> None:
    assert call("POST", "/v2/conferencing/google-meet/connect", key=MIA).status == 400
    assert types(call, MIA) == []


def test_google_meet_is_connected_once(call: Caller) -> None:
    call("POST", "/v2/conferencing/google-meet/connect")
    assert call("POST", "/v2/conferencing/google-meet/connect").status == 400
    assert types(call) == ["google_video"]


@pytest.mark.parametrize(("app", "kind"), [("zoom", "zoom_video"), ("msteams", "office365_video")])
def test_a_consent_connects_the_app_of_a_managed_user(
    sandbox: Sandbox, call: Caller, app: str, kind: str
) -> None:
    assert come_back(sandbox, app).headers["Location"] == FINE
    assert types(call, MIA) == [kind]


@pytest.mark.parametrize("change", [{"code": ""}, {"accessToken": SAM}, {"accessToken": None}])
def test_a_consent_that_was_not_given_goes_elsewhere(
    sandbox: Sandbox, call: Caller, change: dict[str, Any]
) -> None:
    assert come_back(sandbox, **change).headers["Location"] == FAILED
    assert types(call, MIA) == []


def test_a_location_cannot_break_the_header(sandbox: Sandbox) -> None:
    reply = come_back(sandbox, returnTo="https://x.example/\r\nSet-Cookie: a=b")
    assert "\r" not in reply.headers["Location"]
    assert "\n" not in reply.headers["Location"]


@pytest.mark.parametrize("state", ["", "x", "[]"])
def test_a_state_that_cannot_be_read_is_refused(sandbox: Sandbox, state: str) -> None:
    target = f"/v2/conferencing/zoom/oauth/callback?{urlencode({'state': state, 'code': 'x'})}"
    assert sandbox.handle("GET", target, {}, b"").status == 400


@pytest.mark.parametrize(
    ("app", "host"), [("zoom", "zoom.us"), ("msteams", "login.microsoftonline.com")]
)
def test_the_consent_page_gets_a_state_that_says_where_to_go(
    call: Caller, app: str, host: str
) -> None:
    query = urlencode({"returnTo": FINE, "onErrorReturnTo": FAILED})
    url = urlsplit(call("GET", f"/v2/conferencing/{app}/oauth/auth-url?{query}").data["url"])
    state = json.loads(parse_qs(url.query)["state"][0])
    assert (url.hostname, state["returnTo"], state["accessToken"]) == (host, FINE, SAM)


def test_google_meet_has_no_consent_page(call: Caller) -> None:
    assert call("GET", "/v2/conferencing/google-meet/oauth/auth-url").status == 400


def test_cal_video_can_always_be_the_default(call: Caller) -> None:
    assert default(call) is None
    assert call("POST", "/v2/conferencing/daily-video/default").status == 200
    assert default(call) == {"appSlug": "daily-video"}


@pytest.mark.parametrize("app", ["zoom", "google-meet", "nothing"])
def test_an_app_that_is_not_connected_cannot_be_the_default(call: Caller, app: str) -> None:
    assert call("POST", f"/v2/conferencing/{app}/default").status == 400
    assert default(call) is None


def test_an_app_that_is_disconnected_is_no_longer_the_default(call: Caller) -> None:
    call("POST", "/v2/conferencing/google-meet/connect")
    call("POST", "/v2/conferencing/google-meet/default")
    assert call("DELETE", "/v2/conferencing/google-meet/disconnect").status == 200
    assert (types(call), default(call)) == ([], None)


def test_the_default_stays_when_another_app_goes(call: Caller) -> None:
    call("POST", "/v2/conferencing/google-meet/connect")
    call("POST", "/v2/conferencing/daily-video/default")
    call("DELETE", "/v2/conferencing/google-meet/disconnect")
    assert default(call) == {"appSlug": "daily-video"}


def test_an_app_that_is_not_connected_cannot_be_disconnected(call: Caller) -> None:
    assert call("DELETE", "/v2/conferencing/zoom/disconnect").status == 400


def test_apps_are_their_owners_alone(call: Caller) -> None:
    call("POST", "/v2/conferencing/google-meet/connect")
    assert types(call, MIA) == []
