"""Before a destructive call the user is asked, where the client can."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from mcp import Client
from mcp_types import CallToolResult, ElicitRequestFormParams, ElicitResult, InputRequiredResult

from cal_actions import AsyncConnector
from cal_actions.mcp import create_server, require_user
from cal_actions.mcp.consent import Questions
from cal_actions.sandbox import Sandbox
from tests.mcp.serving import ERAS, client
from tests.mcp.test_tools import MEETING


def answering(action: str, asked: list[str]) -> dict[str, Any]:
    async def answer(_context: object, params: ElicitRequestFormParams) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action=action)

    return {"elicitation_callback": answer}


def cancelled(world: Sandbox, callbacks: dict[str, Any], **options: Any) -> CallToolResult:
    """Book a meeting and call for its cancellation."""

    async def ask() -> CallToolResult:
        async with client(world=world, callbacks=callbacks, **options) as connected:
            booked = await connected.call_tool("CAL_POST_NEW_BOOKING_REQUEST", MEETING)
            uid = booked.structured_content["data"]["uid"]
            return await connected.call_tool("CAL_CANCEL_BOOKING_VIA_UID", cancelling(uid))

    return asyncio.run(ask())


def cancelling(uid: str) -> dict[str, str]:
    return {"bookingUid": uid, "cancellationReason": "ill"}


def statuses(world: Sandbox) -> list[str]:
    return [booking["status"] for booking in world.state()["bookings"]]


@pytest.mark.parametrize("mode", ERAS)
def test_a_destructive_call_goes_on_when_the_user_agrees(mode: str) -> None:
    with Sandbox() as world:
        assert not cancelled(world, answering("accept", []), mode=mode).is_error
        assert statuses(world) == ["cancelled"]


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize(
    ("action", "reason"), [("decline", "the user declined"), ("cancel", "the user closed")]
)
def test_it_is_refused_when_the_user_does_not(mode: str, action: str, reason: str) -> None:
    with Sandbox() as world:
        result = cancelled(world, answering(action, []), mode=mode)
        assert result.structured_content["data"]["code"] == "refused"
        assert reason in result.structured_content["error"]
        assert statuses(world) == ["accepted"]


@pytest.mark.parametrize("mode", ERAS)
def test_the_question_says_what_would_happen(mode: str) -> None:
    asked: list[str] = []
    with Sandbox() as world:
        cancelled(world, answering("accept", asked), mode=mode)
        uid = world.state()["bookings"][0]["uid"]
    assert asked == [
        f"Cancel booking via uid (destructive): bookingUid={uid!r}, cancellationReason='ill'\n"
        "Go ahead?"
    ]


@pytest.mark.parametrize("mode", ERAS)
def test_a_write_asks_nobody(mode: str) -> None:
    asked: list[str] = []

    async def ask() -> CallToolResult:
        async with client(mode=mode, callbacks=answering("decline", asked)) as connected:
            return await connected.call_tool("CAL_POST_NEW_BOOKING_REQUEST", MEETING)

    assert not asyncio.run(ask()).is_error
    assert asked == []


@pytest.mark.parametrize("mode", ERAS)
def test_a_client_that_cannot_ask_leaves_it_to_the_policy(mode: str) -> None:
    with Sandbox() as world:
        assert not cancelled(world, {}, mode=mode).is_error
        assert statuses(world) == ["cancelled"]


@pytest.mark.parametrize("mode", ERAS)
def test_where_consent_is_required_a_client_that_cannot_ask_is_refused(mode: str) -> None:
    with Sandbox() as world:
        result = cancelled(world, {}, mode=mode, approve=require_user)
        assert "the client cannot ask" in result.structured_content["error"]
        assert statuses(world) == ["accepted"]


@pytest.mark.parametrize("mode", ERAS)
def test_where_consent_is_required_a_client_that_can_ask_is_asked(mode: str) -> None:
    with Sandbox() as world:
        assert not cancelled(
            world, answering("accept", []), mode=mode, approve=require_user
        ).is_error


@pytest.mark.parametrize("mode", ERAS)
def test_an_action_executed_by_name_asks_too(mode: str) -> None:
    asked: list[str] = []

    async def ask() -> CallToolResult:
        callbacks = answering("decline", asked)
        async with client(search=True, mode=mode, callbacks=callbacks) as connected:
            return await connected.call_tool(
                "cal_execute",
                {"action": "CAL_DELETE_WEBHOOK_BY_ID", "params": {"webhookId": "x"}},
            )

    assert asyncio.run(ask()).is_error
    assert asked == ["Delete webhook by id (destructive): webhookId='x'\nGo ahead?"]


@pytest.mark.parametrize("mode", ERAS)
def test_what_cannot_be_sent_asks_nobody(mode: str) -> None:
    asked: list[str] = []

    async def ask() -> CallToolResult:
        async with client(mode=mode, callbacks=answering("accept", asked)) as connected:
            return await connected.call_tool("CAL_CANCEL_BOOKING_VIA_UID", {})

    assert asyncio.run(ask()).structured_content["data"]["code"] == "invalid_params"
    assert asked == []


@pytest.mark.parametrize("mode", ERAS)
def test_a_client_whose_question_fails_is_refused(mode: str) -> None:
    async def broken(_context: object, _params: object) -> ElicitResult:
        raise RuntimeError("no window")

    async def ask() -> None:
        callbacks = {"elicitation_callback": broken}
        async with client(world=world, mode=mode, callbacks=callbacks) as connected:
            await connected.call_tool("CAL_POST_NEW_BOOKING_REQUEST", MEETING)
            uid = world.state()["bookings"][0]["uid"]
            # In the newest revision the client asks by itself, and never calls again.
            with suppress(ExceptionGroup):
                result = await connected.call_tool("CAL_CANCEL_BOOKING_VIA_UID", cancelling(uid))
                assert result.structured_content["data"]["code"] == "refused"

    with Sandbox() as world:
        asyncio.run(ask())
        assert statuses(world) == ["accepted"]


def first_answer(connected: Client, **params: Any) -> Any:
    return connected.session.call_tool(
        "CAL_DELETE_WEBHOOK_BY_ID", params or {"webhookId": "x"}, allow_input_required=True
    )


def code_after(answers: Any, *, state: str | None = None, times: int = 1) -> str | None:
    """Tell how a call ends that is sent again with these answers, so many times.

    None where the client is to ask (once more).
    """

    async def ask() -> str | None:
        async with AsyncConnector.sandbox(approve=require_user) as connector:
            server = create_server(connector)
            async with Client(server, **answering("accept", [])) as connected:
                first = await first_answer(connected)
                assert isinstance(first, InputRequiredResult)
                for _ in range(times):
                    last = await connected.session.call_tool(
                        "CAL_DELETE_WEBHOOK_BY_ID",
                        {"webhookId": "x"},
                        input_responses=answers,
                        request_state=first.request_state if state is None else state,
                        allow_input_required=True,
                    )
        if isinstance(last, InputRequiredResult):
            return None
        code: str = last.structured_content["data"]["code"]
        return code

    return asyncio.run(ask())


AGREED = {"approval": ElicitResult(action="accept")}


def test_the_answer_to_a_question_lets_the_call_go_on() -> None:
    assert code_after(AGREED) == "not_found"


def test_an_answer_counts_once() -> None:
    assert code_after(AGREED, times=2) is None


def test_an_answer_to_no_question_does_not_count() -> None:
    assert code_after(AGREED, state="made up") is None


def test_a_question_without_an_answer_is_asked_again() -> None:
    assert code_after({}) is None


def test_an_answer_counts_for_its_own_params_only() -> None:
    async def ask() -> Any:
        async with client(callbacks=answering("accept", [])) as connected:
            first = await first_answer(connected)
            return await connected.session.call_tool(
                "CAL_DELETE_WEBHOOK_BY_ID",
                {"webhookId": "another"},
                input_responses=AGREED,
                request_state=first.request_state,
                allow_input_required=True,
            )

    assert isinstance(asyncio.run(ask()), InputRequiredResult)


def test_no_more_questions_are_kept_than_have_room() -> None:
    questions = Questions()
    names = [questions.put(number) for number in range(1_500)]
    assert questions.take(names[0]) is None
    assert questions.take(names[-1]) == 1_499
