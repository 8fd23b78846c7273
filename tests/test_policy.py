"""Policy: what a connector may do, where it is enforced and how it is offered."""

import asyncio
import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from cal_actions import ActionError, AsyncConnector, Catalog, Connector, Envelope, catalog, schemas
from cal_actions.policy import Proposal
from tests.made_up import document

BOOKING = {
    "eventTypeId": 1,
    "start": "2030-01-07T10:00:00Z",
    "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"},
}
CANCEL = ("CAL_CANCEL_BOOKING_VIA_UID", {"bookingUid": "abc", "cancellationReason": "ill"})


class Calls:
    """A server that answers success, and keeps what came."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.answer: Any = {"uid": "abc"}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(200, json={"status": "success", "data": self.answer})

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.requests]


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
def connect(calls: Calls) -> Iterator[Callable[..., Connector]]:
    with contextlib.ExitStack() as open_ones:
        client = open_ones.enter_context(httpx.Client(transport=httpx.MockTransport(calls)))

        def make(**options: Any) -> Connector:
            connector = Connector(api_key="cal_key_of_mine", client=client, **options)
            return open_ones.enter_context(connector)

        yield make


def run_async(calls: Calls, slug: str, params: Any, **options: Any) -> Envelope:
    async def run() -> Envelope:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(calls)) as client,
            AsyncConnector(api_key="cal_key_of_mine", client=client, **options) as connector,
        ):
            return await connector.execute(slug, params)

    return asyncio.run(run())


# What is allowed


@pytest.mark.parametrize(
    ("options", "slug", "why"),
    [
        ({"read_only": True}, "CAL_POST_NEW_BOOKING_REQUEST", "only reads, and the effect of this"),
        ({"read_only": True}, "CAL_DELETE_SCHEDULE_BY_ID", "only reads, and the effect of this"),
        ({"deny": "destructive"}, "CAL_DELETE_SCHEDULE_BY_ID", "denies it"),
        ({"deny": ["CAL_DELETE_*"]}, "CAL_DELETE_SCHEDULE_BY_ID", "denies it"),
        ({"deny": ["CAL_DELETE_SCHEDULE_BY_ID"]}, "CAL_DELETE_SCHEDULE_BY_ID", "denies it"),
        ({"allow": ["read"]}, "CAL_DELETE_SCHEDULE_BY_ID", "allows other actions only"),
        ({"allow": ["CAL_*_BOOKING_*"]}, "CAL_DELETE_SCHEDULE_BY_ID", "allows other actions only"),
        (
            {"allow": ["CAL_DELETE_SCHEDULE_BY_ID"], "deny": ["destructive"]},
            "CAL_DELETE_SCHEDULE_BY_ID",
            "denies it",
        ),
    ],
)
def test_what_is_not_allowed_is_refused_unsent(
    connect: Callable[..., Connector], calls: Calls, options: Any, slug: str, why: str
) -> None:
    refused = connect(**options).execute(slug, {"scheduleId": 1})
    assert (refused.data["code"], refused.data["retryable"]) == ("refused", False)
    assert why in (refused.error or "")
    assert calls.requests == []


@pytest.mark.parametrize(
    "options",
    [
        {"allow": ["destructive"]},
        {"allow": "CAL_CANCEL_*", "deny": ["CAL_DELETE_*"]},
        {"deny": ["write"]},
        {"read_only": False},
        {"allow": None, "deny": ()},
    ],
)
def test_what_is_allowed_is_sent(
    connect: Callable[..., Connector], calls: Calls, options: Any
) -> None:
    assert connect(**options).execute(*CANCEL).successful
    assert len(calls.requests) == 1


def test_what_is_not_allowed_is_not_offered(connect: Callable[..., Connector]) -> None:
    cal = connect(deny=["CAL_DELETE_*"], allow=["destructive"])
    offered = {tool["name"] for tool in schemas.export(cal.actions)}
    assert offered == {
        slug
        for slug, spec in catalog.items()
        if spec.effect == "destructive" and not slug.startswith("CAL_DELETE_")
    }


def test_a_refused_action_is_not_suggested_for_a_misspelt_one(
    connect: Callable[..., Connector],
) -> None:
    cal = connect(deny=["CAL_DELETE_SCHEDULE_BY_ID"])
    unknown = cal.execute("CAL_DELETE_SCHEDULE_BY_IDS")
    assert unknown.data["code"] == "unknown_action"
    assert "CAL_DELETE_SCHEDULE_BY_ID " not in f"{unknown.error} "


def test_a_lost_write_names_no_action_that_is_refused(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    cal = connect(deny=["CAL_FETCH_ALL_BOOKINGS"], timeout=0.2)

    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    with httpx.Client(transport=httpx.MockTransport(lose)) as client:
        cal = Connector(api_key="k" * 9, client=client, deny=["CAL_FETCH_ALL_BOOKINGS"])
        lost = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", BOOKING)
    assert lost.data["outcome_unknown"]
    assert "CAL_FETCH_ALL_BOOKINGS" not in (lost.error or "")


def test_an_allowed_action_may_take_steps_that_are_not_allowed_alone(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    calls.answer = {"organizationId": 3, "items": []}
    cal = connect(allow=["CAL_GET_ORGANIZATION_ID"])
    assert cal.execute("CAL_GET_ORGANIZATION_ID").data == ["3"]


def test_a_catalogue_of_ones_own_and_a_policy_are_joined(
    connect: Callable[..., Connector],
) -> None:
    mine = Catalog(lambda: {"CAL_DO": document(), "CAL_UNDO": document("CAL_UNDO", "DELETE")})
    cal = connect(actions=mine, deny=["CAL_UNDO", "CAL_DELETE_*"])
    assert list(cal.actions) == ["CAL_DO"]
    assert cal.execute("CAL_UNDO").data["code"] == "refused"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"deny": ["CAL_DELETE_SCHEDUL_BY_ID"]}, "did you mean CAL_DELETE_SCHEDULE_BY_ID"),
        ({"deny": ["REMOVE_*"]}, "name slugs, patterns such as CAL_DELETE_"),
        ({"allow": ["reads"]}, "did you mean read"),
        ({"approve_for": ["delete"], "approve": bool}, "approve_for: no action is meant"),
        ({"defaults": {"orgID": 7}}, "no action has a parameter 'orgID': did you mean orgId"),
        ({"defaults": {"orgId": "mine"}}, "orgId must be an integer"),
        ({"approve_for": "write"}, "approve_for= needs approve="),
    ],
)
def test_an_option_that_would_have_no_effect_is_refused(
    connect: Callable[..., Connector], options: Any, told: str
) -> None:
    with pytest.raises(ValueError, match=told):
        connect(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"approve": True},
        {"before": "f"},
        {"deny": [1]},
        {"readonly": True},
        {"read_only": ""},
        {"dry_run": None},
        {"defaults": [("orgId", 7)]},
    ],
)
def test_an_option_of_another_type_is_a_type_error(
    connect: Callable[..., Connector], options: Any
) -> None:
    with pytest.raises(TypeError):
        connect(**options)


# Approval


def test_a_destructive_call_waits_for_approval(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    asked: list[Proposal] = []

    def approve(proposal: Proposal) -> bool:
        asked.append(proposal)
        assert calls.requests == []
        return True

    assert connect(approve=approve).execute(*CANCEL).successful
    (proposal,) = asked
    assert (proposal.slug, proposal.effect, proposal.params) == (
        CANCEL[0],
        "destructive",
        CANCEL[1],
    )
    assert proposal.summary == (
        "Cancel booking via uid (destructive): bookingUid='abc', cancellationReason='ill'"
    )


@pytest.mark.parametrize("answer", [False, None, 0, 1, "", {}])
def test_anything_but_true_refuses(
    connect: Callable[..., Connector], calls: Calls, answer: Any
) -> None:
    refused = connect(approve=lambda _: answer).execute(*CANCEL)
    assert refused.data == {"code": "refused", "retryable": False}
    assert "was not approved: nothing was sent" in (refused.error or "")
    assert calls.requests == []


def test_text_refuses_with_that_reason(connect: Callable[..., Connector]) -> None:
    refused = connect(approve=lambda _: "Ana is on\nthe phone").execute(*CANCEL)
    assert "was not approved (Ana is on the phone)" in (refused.error or "")


def test_other_calls_are_not_asked_for(connect: Callable[..., Connector]) -> None:
    asked: list[str] = []
    cal = connect(approve=lambda proposal: asked.append(proposal.slug))
    assert cal.execute("CAL_RETRIEVE_MY_INFORMATION").successful
    assert cal.execute("CAL_POST_NEW_BOOKING_REQUEST", BOOKING).successful
    assert asked == []


def test_chosen_calls_are_asked_for(connect: Callable[..., Connector]) -> None:
    cal = connect(approve=lambda _: False, approve_for=["CAL_POST_*", "read"])
    assert cal.execute("CAL_RETRIEVE_MY_INFORMATION").data["code"] == "refused"
    assert cal.execute("CAL_POST_NEW_BOOKING_REQUEST", BOOKING).data["code"] == "refused"
    assert cal.execute(*CANCEL).successful


def test_a_wrong_call_is_not_asked_for(connect: Callable[..., Connector]) -> None:
    asked: list[Proposal] = []
    cal = connect(approve=asked.append)
    assert cal.execute(CANCEL[0], {}).data["code"] == "invalid_params"
    assert asked == []


def test_what_the_approver_does_to_the_params_is_not_sent(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    def approve(proposal: Proposal) -> bool:
        proposal.params["cancellationReason"] = "changed"
        return True

    connect(approve=approve).execute(*CANCEL)
    assert calls.bodies == [{"cancellationReason": "ill"}]


def test_a_summary_is_one_printable_line_without_secrets(
    connect: Callable[..., Connector],
) -> None:
    told: list[str] = []
    cal = connect(approve=lambda proposal: told.append(proposal.summary), approve_for="write")
    cal.execute(
        "CAL_POST_WEBHOOK_EVENT",
        {
            "subscriberUrl": "https://example.com/\n\u202emoc.elpmaxe" + "x" * 900,
            "triggers": ["BOOKING_CREATED"],
            "active": True,
            "secret": "s3cret of mine",
        },
    )
    (summary,) = told
    assert summary.isprintable()
    assert len(summary) <= 300
    assert "secret=***" in summary
    assert "of mine" not in summary


def test_an_approver_that_fails_refuses_and_is_logged(
    connect: Callable[..., Connector], calls: Calls, caplog: pytest.LogCaptureFixture
) -> None:
    def approve(proposal: Proposal) -> bool:
        words = f"cannot take {proposal.params}"
        raise KeyError(words)

    with caplog.at_level(logging.ERROR, "cal_actions"):
        refused = connect(approve=approve).execute(*CANCEL)
    assert refused.error == "The connector's approve= failed (KeyError), so nothing was sent."
    assert refused.data["code"] == "refused"
    assert "KeyError" in caplog.text
    assert "raise KeyError" in caplog.text
    assert "ill" not in caplog.text
    assert calls.requests == []


def test_the_time_that_approval_takes_does_not_count(
    connect: Callable[..., Connector], monkeypatch: pytest.MonkeyPatch
) -> None:
    cal = connect(timeout=5, approve=lambda _: threading.Event().wait(0.3) or True)
    short = connect(timeout=0.2, approve=lambda _: threading.Event().wait(0.3) or True)
    assert cal.execute(*CANCEL).successful
    assert short.execute(*CANCEL).successful


def test_the_params_that_count_come_first_in_a_summary(connect: Callable[..., Connector]) -> None:
    told: list[str] = []
    cal = connect(approve=lambda proposal: told.append(proposal.summary))
    cal.execute(CANCEL[0], {"cancellationReason": "x" * 400, "bookingUid": "abc"})
    assert told[0].startswith("Cancel booking via uid (destructive): bookingUid='abc', cancel")


def test_a_proposal_shows_no_secret_when_it_is_printed(connect: Callable[..., Connector]) -> None:
    told: list[str] = []
    cal = connect(approve=lambda proposal: told.append(repr(proposal)), approve_for="CAL_SAVE_*")
    cal.execute("CAL_SAVE_STRIPE_DETAILS", {"code": "s3cret", "state": "hidden"})
    assert "s3cret" not in told[0]
    assert "code=***" in told[0]


@pytest.mark.parametrize("params", [{"bookingUid": ".."}, {"bookingUid": "abc", "x": 10**5000}])
def test_nobody_is_asked_about_what_cannot_be_sent(
    connect: Callable[..., Connector], params: Any
) -> None:
    asked: list[Proposal] = []
    wrong = connect(approve=asked.append).execute(CANCEL[0], params)
    assert (wrong.data["code"], asked) == ("invalid_params", [])


def test_what_the_approver_does_to_a_nested_tuple_is_not_sent(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    answers = {"t": ({"k": "shown"},)}

    def approve(proposal: Proposal) -> bool:
        proposal.params["bookingFieldsResponses"]["t"][0]["k"] = "changed"
        return True

    cal = connect(approve=approve, approve_for="write")
    cal.execute("CAL_POST_NEW_BOOKING_REQUEST", {**BOOKING, "bookingFieldsResponses": answers})
    assert calls.bodies[0]["bookingFieldsResponses"] == {"t": [{"k": "shown"}]}
    assert answers == {"t": ({"k": "shown"},)}


def test_an_async_approver_is_awaited(calls: Calls) -> None:
    async def approve(proposal: Proposal) -> bool:
        await asyncio.sleep(0)
        return proposal.slug == CANCEL[0]

    assert run_async(calls, *CANCEL, approve=approve).successful


def test_a_plain_approver_does_not_block_the_event_loop(calls: Calls) -> None:
    threads: list[threading.Thread] = []

    def approve(_: Proposal) -> bool:
        threads.append(threading.current_thread())
        return True

    assert run_async(calls, *CANCEL, approve=approve).successful
    assert threads[0] is not threading.main_thread()


@pytest.mark.parametrize("name", ["approve", "before", "after"])
def test_a_connector_that_cannot_await_takes_no_coroutine_function(name: str) -> None:
    async def never_awaited(*_: Any) -> None: ...

    with pytest.raises(TypeError, match="only an AsyncConnector can await"):
        Connector(**{name: never_awaited})


def test_a_cancelled_approval_passes_through(calls: Calls) -> None:
    async def approve(_: Proposal) -> bool:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run_async(calls, *CANCEL, approve=approve)
    assert calls.requests == []


# Dry run


def test_a_dry_run_tells_the_exact_request_and_sends_nothing(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    params = {**BOOKING, "eventTypeId": "1", "guests": None}
    dry = connect(dry_run=True).execute("CAL_POST_NEW_BOOKING_REQUEST", params)
    assert calls.requests == []
    connect().execute("CAL_POST_NEW_BOOKING_REQUEST", params)
    (sent,) = calls.requests
    told = dry.data["request"]
    assert dry.successful
    assert dry.data["dry_run"] is True
    assert (told["method"], told["url"]) == (sent.method, str(sent.url))
    assert told["body"] == json.loads(sent.content)
    shown = {name.lower(): value for name, value in told["headers"].items()}
    assert shown.pop("authorization") == "***"
    assert shown.items() <= dict(sent.headers).items()


def test_a_dry_run_shows_no_secret(connect: Callable[..., Connector]) -> None:
    cal = connect(dry_run=True)
    webhook = cal.execute(
        "CAL_POST_WEBHOOK_EVENT",
        {
            "subscriberUrl": "https://example.com",
            "triggers": ["BOOKING_CREATED"],
            "active": True,
            "secret": "s3cret of mine",
        },
    )
    saved = cal.execute("CAL_SAVE_STRIPE_DETAILS", {"code": "c/de", "state": "st te"})
    assert webhook.data["request"]["body"]["secret"] == "***"
    for shown in (json.dumps(webhook.data), json.dumps(saved.data)):
        for secret in ("s3cret", "c/de", "c%2Fde", "st te", "st%20te", "cal_key_of_mine"):
            assert secret not in shown


def test_a_dry_run_masks_nothing_but_the_secrets(connect: Callable[..., Connector]) -> None:
    params = {"code": "s", "state": "s3cret-and-more"}
    dry = connect(dry_run=True, base_url="https://me:pass@cal.example.com").execute(
        "CAL_SAVE_STRIPE_DETAILS", params
    )
    assert dry.data["request"]["url"] == (
        "https://cal.example.com/v2/stripe/save?code=***&state=***"
    )


def test_a_dry_run_is_neither_selected_from_nor_shortened(
    connect: Callable[..., Connector],
) -> None:
    cal = connect(dry_run=True, max_result_tokens=10)
    dry = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", BOOKING, select="uid")
    assert dry.data["request"]["body"]["start"] == BOOKING["start"]


def test_a_dry_run_checks_the_params(connect: Callable[..., Connector]) -> None:
    wrong = connect(dry_run=True).execute("CAL_POST_NEW_BOOKING_REQUEST", {})
    assert wrong.data["code"] == "invalid_params"


def test_a_dry_run_of_an_action_of_two_requests_says_so(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    dry = connect(dry_run=True).execute("CAL_GET_ORGANIZATION_ID")
    assert dry.data["request"]["url"].endswith("/v2/me")
    assert "others may follow" in dry.data["note"]
    assert calls.requests == []


def test_a_dry_run_asks_for_no_approval(connect: Callable[..., Connector]) -> None:
    asked: list[Proposal] = []
    assert connect(dry_run=True, approve=asked.append).execute(*CANCEL).successful
    assert asked == []


# Defaults


def test_a_default_fills_in_and_is_not_offered(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    cal = connect(defaults={"orgId": 7})
    slug = "CAL_RETRIEVE_USERS_IN_ORGANIZATION"
    assert "orgId" in catalog[slug].input["required"]
    for tool in schemas.export(cal.actions):
        assert "orgId" not in tool["input_schema"]["properties"]
        assert "orgId" not in tool["input_schema"].get("required", [])
    cal.execute(slug)
    cal.execute(slug, {"orgId": None, "take": 2})
    assert [request.url.path for request in calls.requests] == ["/v2/organizations/7/users"] * 2


def test_of_an_update_a_default_fills_in_only_what_is_required(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    cal = connect(defaults={"timeZone": "Europe/Berlin", "scheduleId": 3})
    cal.execute("CAL_UPDATE_SCHEDULE_BY_ID", {"name": "Nights"})
    assert (calls.requests[0].url.path, calls.bodies) == ("/v2/schedules/3", [{"name": "Nights"}])
    assert "timeZone" in cal.actions["CAL_UPDATE_SCHEDULE_BY_ID"].input["properties"]


def test_a_param_that_is_given_wins_over_its_default(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    connect(defaults={"orgId": 7}).execute("CAL_RETRIEVE_USERS_IN_ORGANIZATION", {"orgId": 8})
    assert calls.requests[0].url.path == "/v2/organizations/8/users"


def test_a_default_is_only_for_the_actions_that_take_its_value(
    connect: Callable[..., Connector],
) -> None:
    def one(kind: str) -> dict[str, Any]:
        return {"status": {"type": kind, "description": "Its status."}}

    mine = Catalog(
        lambda: {
            "CAL_NUMBERS": document("CAL_NUMBERS", properties=one("integer")),
            "CAL_TEXTS": document("CAL_TEXTS", properties=one("string")),
        }
    )
    cal = connect(actions=mine, defaults={"status": "open"})
    offered = {slug: list(spec.input["properties"]) for slug, spec in cal.actions.items()}
    assert offered == {"CAL_NUMBERS": ["status"], "CAL_TEXTS": []}


def test_a_default_fills_in_params_that_come_as_json_text(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    cal = connect(defaults={"orgId": 7})
    assert cal.execute("CAL_RETRIEVE_USERS_IN_ORGANIZATION", '{"take": 2}').successful
    assert calls.requests[0].url.path == "/v2/organizations/7/users"


def test_defaults_change_neither_the_catalogue_nor_the_callers_params(
    connect: Callable[..., Connector],
) -> None:
    before = json.dumps(schemas.export(catalog))
    params = {"take": 2}
    connect(defaults={"orgId": 7}).execute("CAL_RETRIEVE_USERS_IN_ORGANIZATION", params)
    assert params == {"take": 2}
    assert json.dumps(schemas.export(catalog)) == before


def test_a_default_that_its_giver_changes_later_stays_as_it_was(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    status = ["past"]
    cal = connect(defaults={"status": status})
    status.append("upcoming")
    cal.execute("CAL_FETCH_ALL_BOOKINGS")
    assert calls.requests[0].url.params.get_list("status") == ["past"]


# Before and after


def test_before_may_change_the_params_which_are_then_checked(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    def before(slug: str, params: dict[str, Any]) -> dict[str, Any] | None:
        return {**params, "attendee": BOOKING["attendee"]} if slug.startswith("CAL_POST") else None

    cal = connect(before=before)
    params = {"eventTypeId": 1, "start": BOOKING["start"]}
    assert cal.execute("CAL_POST_NEW_BOOKING_REQUEST", params).successful
    assert calls.bodies[0]["attendee"]["name"] == "Ana"
    assert "attendee" not in params
    assert cal.execute("CAL_RETRIEVE_MY_INFORMATION").successful


def test_before_gets_the_defaults_and_a_copy(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    seen: list[dict[str, Any]] = []

    def before(_: str, params: dict[str, Any]) -> None:
        seen.append(dict(params))
        params["take"] = 3

    given = {"take": 2}
    cal = connect(before=before, defaults={"orgId": 7})
    cal.execute("CAL_RETRIEVE_USERS_IN_ORGANIZATION", given)
    assert (seen, given) == ([{"orgId": 7, "take": 2}], {"take": 2})
    assert calls.requests[0].url.params["take"] == "3"


def test_what_before_makes_wrong_is_not_sent(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    wrong = connect(before=lambda *_: {"bookingUid": 1.5}).execute(*CANCEL)
    assert wrong.data["code"] == "invalid_params"
    assert calls.requests == []


def test_before_cannot_be_passed_by_with_json_text(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    cal = connect(before=lambda _, params: {**params, "cancellationReason": "policy"})
    cal.execute(CANCEL[0], json.dumps(CANCEL[1]))
    assert calls.bodies == [{"cancellationReason": "policy"}]


def test_before_sees_params_of_the_types_that_are_sent(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    def guarded(_: str, params: dict[str, Any]) -> None:
        if params["scheduleId"] == 5:
            raise ActionError("forbidden", "Not this one.")

    cal = connect(before=guarded)
    for given in (5, "5", " 5 "):
        assert cal.execute("CAL_DELETE_SCHEDULE_BY_ID", {"scheduleId": given}).error == (
            "Not this one."
        )
    assert calls.requests == []


@pytest.mark.parametrize("returned", [[1], True, "text"])
def test_a_before_that_returns_no_params_is_to_blame(
    connect: Callable[..., Connector], calls: Calls, returned: Any
) -> None:
    refused = connect(before=lambda *_: returned).execute(*CANCEL)
    assert "before= must return params or None, not" in (refused.error or "")
    assert (refused.data["code"], calls.requests) == ("refused", [])


@pytest.mark.parametrize("params", [[1], 5, "no json", "[1]"])
def test_params_that_are_no_object_never_reach_before(
    connect: Callable[..., Connector], params: Any
) -> None:
    seen: list[Any] = []
    wrong = connect(before=lambda *told: seen.append(told)).execute(CANCEL[0], params)
    assert wrong.data["code"] == "invalid_params"
    assert seen == []


def test_before_may_refuse_with_an_action_error(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    def before(*_: Any) -> None:
        raise ActionError("forbidden", "Not on Sundays.")

    refused = connect(before=before).execute(*CANCEL)
    assert (refused.data["code"], refused.error) == ("forbidden", "Not on Sundays.")
    assert calls.requests == []


def test_after_may_change_the_envelope(connect: Callable[..., Connector], calls: Calls) -> None:
    def after(slug: str, params: dict[str, Any], envelope: Envelope) -> Envelope:
        return Envelope.success({"slug": slug, **params, **envelope.data})

    changed = connect(after=after).execute(*CANCEL)
    assert changed.data == {"slug": CANCEL[0], **CANCEL[1], "uid": "abc"}


def test_after_sees_failures_too_and_may_leave_them(connect: Callable[..., Connector]) -> None:
    seen: list[str] = []
    missing = Connector(
        auth="key of mine",
        client=httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(404, json={}))),
        after=lambda _, __, envelope: seen.append(envelope.data["code"]),
    )
    assert missing.execute(*CANCEL).data["code"] == "not_found"
    assert seen == ["not_found"]


@pytest.mark.parametrize("returned", [KeyError("of mine"), {"data": 1}])
def test_an_after_that_fails_withholds_the_answer_and_says_what_became_of_the_action(
    connect: Callable[..., Connector], returned: Any
) -> None:
    def after(*_: Any) -> Any:
        if isinstance(returned, Exception):
            raise returned
        return returned

    withheld = connect(after=after).execute(*CANCEL)
    assert withheld.data == {"code": "refused", "retryable": False}
    assert "so the answer is withheld; the action itself succeeded" in (withheld.error or "")


@pytest.mark.parametrize("data", [None, {}, ["x"], {"message": "hidden"}])
def test_a_failure_that_after_makes_has_what_every_failure_has(
    connect: Callable[..., Connector], data: Any, caplog: pytest.LogCaptureFixture
) -> None:
    hidden = Envelope(data=data, error=None, successful=False)
    with caplog.at_level(logging.INFO, "cal_actions"):
        failed = connect(after=lambda *_: hidden).execute(*CANCEL)
    assert failed.data.items() >= {"code": "refused", "retryable": False}.items()
    assert failed.error == "It was withheld."
    assert "refused" in caplog.text


def test_an_error_that_after_raises_does_not_make_a_write_look_undone(
    connect: Callable[..., Connector],
) -> None:
    def after(*_: Any) -> None:
        raise ActionError("upstream_error", "The audit failed.", retryable=True)

    failed = connect(after=after).execute(*CANCEL)
    assert failed.data == {"code": "refused", "retryable": False}
    assert failed.error == "The audit failed; the action itself succeeded."


def test_an_after_that_fails_keeps_that_the_outcome_is_unknown() -> None:
    def lose(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("reset", request=request)

    with httpx.Client(transport=httpx.MockTransport(lose)) as client:
        cal = Connector(auth="key of mine", client=client, after=lambda *told: told[2].data["uid"])
        lost = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", BOOKING)
    assert lost.data["outcome_unknown"]
    assert "the action itself may have taken effect" in (lost.error or "")


def test_a_date_that_after_adds_does_not_break_the_bound_of_a_result(
    connect: Callable[..., Connector],
) -> None:
    dated = Envelope.success({"on": date(2030, 1, 7), "items": ["x" * 50] * 50})
    short = connect(after=lambda *_: dated, max_result_tokens=200).execute(*CANCEL)
    assert short.data["truncated"]["of"] == 50


def test_async_functions_are_awaited_before_and_after(calls: Calls) -> None:
    async def before(_: str, params: dict[str, Any]) -> dict[str, Any]:
        return {**params, "cancellationReason": "policy"}

    async def after(*_: Any) -> Envelope:
        return Envelope.success({"seen": True})

    assert run_async(calls, *CANCEL, before=before, after=after).data == {"seen": True}
    assert calls.bodies == [{"cancellationReason": "policy"}]


def test_the_sandbox_takes_a_policy_too() -> None:
    with Connector.sandbox(read_only=True) as cal:
        assert cal.execute("CAL_POST_NEW_BOOKING_REQUEST", BOOKING).data["code"] == "refused"
        assert cal.execute("CAL_RETRIEVE_MY_INFORMATION").successful


@pytest.mark.parametrize(
    "actions", ["scheduling", ["CAL_GET_TEAMS_LIST"], None, {"CAL_DO": document()}]
)
def test_what_is_no_catalogue_is_a_type_error(actions: Any) -> None:
    with pytest.raises(TypeError, match=r"such as catalog\.filter"):
        Connector(actions=actions)


def test_what_after_changes_in_place_is_shown_and_what_cal_com_told_is_kept(
    connect: Callable[..., Connector], calls: Calls
) -> None:
    calls.answer = [{"id": 1, "email": "ana@example.com"}]

    def masked(_: str, __: Any, envelope: Envelope) -> None:
        for item in envelope.data["items"]:
            item["email"] = "…"

    shown = connect(after=masked).execute("CAL_GET_TEAMS_LIST")
    assert shown.data == {"items": [{"id": 1, "email": "…"}]}


@pytest.mark.parametrize("kind", ["a circle", "a key that is no text", "a value without text"])
def test_what_after_makes_that_no_one_could_be_told_is_withheld(
    connect: Callable[..., Connector], kind: str
) -> None:
    class Mute:
        def __str__(self) -> str:
            raise RuntimeError

    circle: list[Any] = []
    circle.append(circle)
    data = {
        "a circle": circle,
        "a key that is no text": {(1, 2): 3},
        "a value without text": {"a": Mute()},
    }[kind]
    withheld = connect(after=lambda *_: Envelope.success(data)).execute(*CANCEL)
    assert "so the answer is withheld; the action itself succeeded" in (withheld.error or "")


def test_a_default_that_only_updates_have_is_refused_in_plain_words(
    connect: Callable[..., Connector],
) -> None:
    with pytest.raises(ValueError, match="only updates have 'bookingLimits', and may leave it out"):
        connect(defaults={"bookingLimits": {}})


def test_a_flow_with_a_number_too_long_to_show_is_asked_for_all_the_same(
    connect: Callable[..., Connector],
) -> None:
    told: list[str] = []
    cal = connect(approve=lambda proposal: told.append(proposal.summary), approve_for="*")
    cal.execute("CAL_CHECK_TEAM_STRIPE_INTEGRATION_STATUS", {"teamId": "2", "orgId": 10**5000})
    assert "orgId=(too long to show)" in told[0]
