"""Before a destructive call the user is asked, where the client can."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    CallToolResult,
    ElicitRequestFormParams,
    ElicitResult,
    ErrorData,
    InputRequiredResult,
    ListRootsResult,
)

from cal_actions.mcp import require_user
from cal_actions.mcp.consent import Questions
from cal_actions.sandbox import Sandbox
from tests.mcp.serving import ERAS, client, refusal
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


def test_where_consent_is_required_an_older_client_that_cannot_ask_is_refused() -> None:
    with Sandbox() as world:
        result = cancelled(world, {}, mode="legacy", approve=require_user)
        assert "the client cannot ask" in result.structured_content["error"]
        assert statuses(world) == ["accepted"]


def test_where_consent_is_required_a_client_is_told_the_capability_that_it_lacks() -> None:
    async def ask() -> ErrorData:
        async with client(approve=require_user) as connected:
            return await refusal(
                connected.call_tool("CAL_DELETE_WEBHOOK_BY_ID", {"webhookId": "x"})
            )

    error = asyncio.run(ask())
    assert error.code == MISSING_REQUIRED_CLIENT_CAPABILITY
    assert error.data == {"requiredCapabilities": {"elicitation": {"form": {}}}}


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


def after(
    answers: Any, *, state: str | None = None, webhook: str = "x", times: int = 1
) -> CallToolResult | InputRequiredResult | ErrorData:
    """Call again with these answers, so many times, and return what comes of it."""

    async def again(connected: Client, state: str | None) -> Any:
        return await connected.session.call_tool(
            "CAL_DELETE_WEBHOOK_BY_ID",
            {"webhookId": webhook},
            input_responses=answers,
            request_state=state,
            allow_input_required=True,
        )

    async def ask() -> Any:
        async with client(callbacks=answering("accept", [])) as connected:
            first = await connected.session.call_tool(
                "CAL_DELETE_WEBHOOK_BY_ID", {"webhookId": "x"}, allow_input_required=True
            )
            assert isinstance(first, InputRequiredResult)
            try:
                for _ in range(times):
                    last = await again(connected, state or first.request_state)
            except MCPError as problem:
                return problem.error
            return last

    return asyncio.run(ask())


def is_refused(answer: Any) -> bool:
    return isinstance(answer, ErrorData) and answer.data == {"reason": "invalid_request_state"}


AGREED = {"approval": ElicitResult(action="accept")}


def test_the_answer_to_a_question_lets_the_call_go_on() -> None:
    answer = after(AGREED)
    assert isinstance(answer, CallToolResult)
    assert answer.structured_content["data"]["code"] == "not_found"


def test_an_answer_counts_once() -> None:
    assert is_refused(after(AGREED, times=2))


def test_an_answer_to_no_question_is_refused() -> None:
    assert is_refused(after(AGREED, state="made up"))


def test_an_answer_for_other_params_is_refused() -> None:
    assert is_refused(after(AGREED, webhook="another"))


def test_a_question_without_an_answer_is_asked_again() -> None:
    assert isinstance(after({}), InputRequiredResult)


def test_an_answer_of_another_kind_is_no_answer() -> None:
    assert isinstance(after({"approval": ListRootsResult(roots=[])}), InputRequiredResult)


def test_no_more_questions_are_kept_than_have_room() -> None:
    questions = Questions()
    names = [questions.put(number) for number in range(1_500)]
    assert questions.take(names[0]) is None
    assert questions.take(names[-1]) == 1_499
