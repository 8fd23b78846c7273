"""Every action runs in the sandbox, and what it answers is what Cal.com would.

The calls are in `every_action.yaml`, written in the words of a caller. What the built-in world
cannot have by a call of an action (a booking that is over, Stripe of a team) is prepared here.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import yaml

from cal_actions import Connector, catalog
from cal_actions.sandbox import Sandbox

MONDAY = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
ANN = {"name": "Ann", "email": "ann@example.com", "timeZone": "Europe/Paris"}
STATUS_ONLY = {"CAL_RETRIEVE_DEFAULT_CONFERENCING_SETTINGS"}
REFERENCE = re.compile(r"<(\w+)((?:\.\w+)*)>")


@cache
def cases() -> dict[str, dict[str, Any]]:
    text = (Path(__file__).parent / "every_action.yaml").read_text()
    read: dict[str, dict[str, Any]] = yaml.safe_load(text)
    return read


class Day:
    """One sandbox in which calls are made once, each after those it needs."""

    def __init__(self) -> None:
        self.sandbox = Sandbox(now=MONDAY, seed=1)
        self.cal = Connector.sandbox(self.sandbox)
        self.answered: dict[str, Any] = {}

    def close(self) -> None:
        self.cal.close()
        self.sandbox.close()

    def data_of(self, name: str) -> Any:
        if name not in self.answered:
            prepare = getattr(self, f"_{name.lower()}", None)
            self.answered[name] = self._call(name) if prepare is None else prepare()
        return self.answered[name]

    def _call(self, slug: str) -> Any:
        case = cases()[slug]
        for name in case.get("after", ()):
            self.data_of(name)
        params = self._filled(case["params"])
        if "api_key" not in case:
            envelope = self.cal.execute(slug, params)
        else:
            envelope = self._as(self._filled(case["api_key"])).execute(slug, params)
        assert envelope.error is None, f"{slug}: {envelope.error}"
        return envelope.data

    def _as(self, api_key: str) -> Connector:
        other = Connector.sandbox(self.sandbox)
        own = Connector(api_key=api_key)
        own._transport = other._transport
        return own

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if not isinstance(value, str):
            return value
        match = REFERENCE.fullmatch(value)
        if match is not None:
            return self._referred(match)
        return REFERENCE.sub(lambda part: str(self._referred(part)), value)

    def _referred(self, match: re.Match[str]) -> Any:
        found = self.data_of(match[1])
        for step in match[2].split(".")[1:]:
            found = found[step]
        return found

    def _booked(self, event_type_id: int, start: str) -> Any:
        params = {"eventTypeId": event_type_id, "start": start, "attendee": ANN}
        return self.cal.execute("CAL_POST_NEW_BOOKING_REQUEST", params).raise_for_error().data

    def _requested(self) -> Any:
        return self._booked(3, "2026-01-06T13:00:00Z")

    def _past(self) -> Any:
        booked = self._booked(1, "2026-01-05T14:00:00Z")
        self.sandbox.advance(timedelta(days=1))
        return booked

    def _team_booking(self) -> Any:
        event_type = self.data_of("CAL_CREATE_TEAM_EVENT_TYPES_WITH_CUSTOM_OPTIONS")
        return self._booked(event_type["id"], "2026-01-08T11:00:00Z")

    def _other_host(self) -> Any:
        return 3 - self.data_of("TEAM_BOOKING")["hosts"][0]["id"]

    def _apple_calendar(self) -> Any:
        self.data_of("CAL_POST_CALENDAR_CREDENTIALS")
        listed = self.cal.execute("CAL_RETRIEVE_CALENDAR_LIST").raise_for_error().data
        (connected,) = listed["connectedCalendars"]
        return {
            "credentialId": connected["credentialId"],
            "externalId": connected["primary"]["externalId"],
        }

    def _team_with_stripe(self) -> Any:
        mona = self.data_of("CAL_CREATE_OAUTH_CLIENT_USER")
        platform = {"orgId": 2, "name": "Platform team"}
        made = self.cal.execute("CAL_CREATE_TEAM_IN_ORGANIZATION", platform).raise_for_error()
        team = {"orgId": 2, "teamId": made.data["id"]}
        member = {**team, "userId": mona["user"]["id"], "role": "ADMIN", "accepted": True}
        self.cal.execute("CAL_ADD_MEMBER_TO_TEAM_USING_ORG_AND_TEAM_ID", member).raise_for_error()
        state = {"accessToken": mona["accessToken"], "returnTo": "http://127.0.0.1/ok"}
        query = f"code=any&state={quote(json.dumps(state))}"
        target = f"/v2/organizations/2/teams/{team['teamId']}/stripe/save?{query}"
        self.sandbox.handle("GET", target, {}, b"")
        return made.data


@pytest.fixture
def day() -> Iterator[Day]:
    made = Day()
    yield made
    made.close()


def test_every_action_has_a_call() -> None:
    assert sorted(cases()) == sorted(catalog)


@pytest.mark.parametrize("slug", sorted(catalog))
def test_an_action_runs_in_the_sandbox(day: Day, slug: str) -> None:
    day.data_of(slug)


@pytest.mark.parametrize("slug", sorted(catalog))
def test_an_answer_has_the_shape_the_action_promises(day: Day, slug: str) -> None:
    answer, schema = day.data_of(slug), catalog[slug].output_schema
    jsonschema.validate(answer, schema)
    # No name is required in these schemas: {} is valid in all but one of them.
    assert any(_tells(answer, one) for one in schema.get("anyOf", [schema])) or slug in STATUS_ONLY


def _tells(answer: Any, schema: dict[str, Any]) -> bool:
    """Whether an answer (of a list the first item) has at least half of the names promised."""
    if isinstance(answer, dict) and answer.get("items"):
        answer, schema = answer["items"][0], schema.get("properties", {}).get("items", {})
        schema = schema.get("items", {})
        schema = schema.get("anyOf", [schema])[0]
    promised = schema.get("properties", {}).keys()
    return not isinstance(answer, dict) or 2 * len(promised & answer.keys()) >= len(promised)


@pytest.mark.parametrize("slug", sorted(catalog))
def test_what_an_action_leaves_behind_is_a_world_to_start_from(day: Day, slug: str) -> None:
    """Starting from a world checks every reference in it."""
    day.data_of(slug)
    left = day.sandbox.state()
    with Sandbox(now=MONDAY, world=left) as again:
        assert again.state() == left
