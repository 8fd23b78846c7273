"""In which order calls run, and what of a call passes through."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from cal_actions import AsyncConnector, Catalog, Connector, ConnectorClosed, catalog
from cal_actions.tool_calls import ToolMessages
from tests.tool_calls.providers import CHAT, PROVIDERS, Provider, Said

READS = ["CAL_RETRIEVE_MY_INFORMATION", "CAL_GET_TEAMS_LIST", "CAL_FETCH_ALL_BOOKINGS"]
WRITE = "CAL_DECLINE_BOOKING_WITH_REASON"
PATHS = {"/v2/me": "me", "/v2/teams": "teams", "/v2/bookings": "bookings"}


def said(*names: str) -> list[Said]:
    params: dict[str, dict[str, Any]] = {WRITE: {"bookingUid": "b"}}
    return [(f"call_{place}", name, params.get(name, {})) for place, name in enumerate(names)]


def place(request: httpx.Request) -> str:
    return PATHS.get(request.url.path, "write")


def answer(text: str) -> httpx.Response:
    return httpx.Response(200, json={"status": "success", "data": {"of": text}})


def handled(
    calls: list[Said],
    handle: Callable[[httpx.Request], Coroutine[None, None, httpx.Response]],
    **options: Any,
) -> ToolMessages:
    async def run() -> ToolMessages:
        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client,
            AsyncConnector(api_key="k", client=client, **options) as cal,
        ):
            return await asyncio.wait_for(cal.handle_tool_calls(CHAT.whole(calls)), 5)

    return asyncio.run(run())


@pytest.mark.parametrize("provider", PROVIDERS, ids=repr)
def test_a_connector_runs_calls_one_after_the_other_in_their_order(provider: Provider) -> None:
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(place(request))
        return answer(place(request))

    names = [READS[2], WRITE, READS[0], READS[1]]
    with (
        httpx.Client(transport=httpx.MockTransport(handle)) as client,
        Connector(api_key="k", client=client) as cal,
    ):
        messages = cal.handle_tool_calls(provider.whole(said(*names)))
    assert seen == ["bookings", "write", "me", "teams"]
    assert [one.said["data"]["of"] for one in provider.told(messages)] == seen


def test_reads_that_follow_one_another_run_at_once_and_are_answered_in_order() -> None:
    finished: list[str] = []

    async def run() -> None:
        together = asyncio.Barrier(len(READS))  # which lets them on only when all have come

        async def handle(request: httpx.Request) -> httpx.Response:
            arrived = await together.wait()
            for _ in range(arrived * 3):
                await asyncio.sleep(0)
            finished.append(place(request))
            return answer(place(request))

        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client,
            AsyncConnector(api_key="k", client=client) as cal,
        ):
            messages = await asyncio.wait_for(cal.handle_tool_calls(CHAT.whole(said(*READS))), 5)
        told = [one.said["data"]["of"] for one in CHAT.told(messages)]
        assert told == ["me", "teams", "bookings"]

    asyncio.run(run())
    assert sorted(finished) == ["bookings", "me", "teams"]


def test_a_call_that_cannot_be_run_keeps_no_one_waiting() -> None:
    together = asyncio.Barrier(2)

    async def handle(request: httpx.Request) -> httpx.Response:
        await together.wait()
        return answer(place(request))

    calls = [*said(READS[0]), ("malformed", WRITE, "no object"), *said(WRITE, READS[1])[1:]]
    told = [one.envelope.successful for one in handled(calls, handle).results]
    assert told == [True, False, True]


@pytest.mark.parametrize(
    ("lone", "options"),
    [
        (WRITE, {}),
        ("CAL_POST_NEW_BOOKING_REQUEST", {}),
        (READS[0], {"actions": catalog.filter(slugs=READS[1:])}),
    ],
    ids=["a destructive action", "a write", "an action that is not offered"],
)
def test_anything_but_a_read_waits_for_the_others_and_they_for_it(
    lone: str, options: dict[str, Catalog]
) -> None:
    log: list[str] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        log.append(f"{place(request)} begins")
        for _ in range(5):
            await asyncio.sleep(0)
        log.append(f"{place(request)} ends")
        return answer(place(request))

    booking = {
        "eventTypeId": 1,
        "start": "2030-01-07T10:00:00Z",
        "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "UTC"},
    }
    calls = said(READS[1], READS[2], lone, READS[2], READS[1])
    if "BOOKING_REQUEST" in lone:
        calls[2] = (*calls[2][:2], booking)
    handled(calls, handle, **options)
    before, after = log[:4], log[-4:]
    assert before[:2] == ["teams begins", "bookings begins"]
    assert sorted(before[2:]) == ["bookings ends", "teams ends"]
    assert after[:2] == ["bookings begins", "teams begins"]
    alone = [entry.partition(" ")[2] for entry in log[4:-4]]
    assert alone == ([] if options else ["begins", "ends"])


def test_writes_that_follow_one_another_run_one_at_a_time() -> None:
    log: list[str] = []

    async def handle(request: httpx.Request) -> httpx.Response:
        name = request.url.path.split("/")[3]
        log.append(f"{name} begins")
        await asyncio.sleep(0)
        log.append(f"{name} ends")
        return answer(name)

    calls = [(name, WRITE, {"bookingUid": name}) for name in "abc"]
    handled(calls, handle)
    assert log == [f"{name} {what}" for name in "abc" for what in ("begins", "ends")]


def test_a_cancellation_passes_through_and_ends_every_call() -> None:
    ended: list[str] = []

    async def run() -> None:
        together = asyncio.Barrier(3)

        async def handle(request: httpx.Request) -> httpx.Response:
            try:
                await together.wait()
                await asyncio.Event().wait()
            finally:
                ended.append(place(request))
            raise AssertionError

        async with (
            httpx.AsyncClient(transport=httpx.MockTransport(handle)) as client,
            AsyncConnector(api_key="k", client=client) as cal,
        ):
            names = [READS[0], READS[1], WRITE]
            task = asyncio.create_task(cal.handle_tool_calls(CHAT.whole(said(*names))))
            await asyncio.wait_for(together.wait(), 5)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(run())
    assert sorted(ended) == ["me", "teams"]


@pytest.mark.parametrize("names", [[], READS[:1], READS], ids=len)
def test_a_closed_connector_says_so(names: list[str]) -> None:
    with Connector.sandbox() as cal:
        pass
    with pytest.raises(ConnectorClosed):
        cal.handle_tool_calls(CHAT.whole(said(*names)))

    async def run() -> None:
        async with AsyncConnector.sandbox() as cal:
            pass
        with pytest.raises(ConnectorClosed):
            await cal.handle_tool_calls(CHAT.whole(said(*names)))

    asyncio.run(run())


def test_what_was_done_before_the_connector_was_closed_is_told() -> None:
    sent: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        sent.append(place(request))
        cal.close()
        return answer(place(request))

    with httpx.Client(transport=httpx.MockTransport(handle)) as client:
        cal = Connector(api_key="k", client=client)
        told = cal.handle_tool_calls(CHAT.whole(said(WRITE, WRITE)))
    first, second = (result.envelope for result in told.results)
    assert (sent, first.data, second.data["code"]) == (["write"], {"of": "write"}, "refused")
    assert "was not sent: the connector was closed" in (second.error or "")
    assert len(told) == 2


def test_reads_that_were_done_before_the_connector_was_closed_are_told() -> None:
    async def run() -> None:
        async with AsyncConnector.sandbox() as cal:
            together = asyncio.Barrier(2)
            execute = cal.execute

            async def one_is_late(slug: str, *arguments: Any, **options: Any) -> Any:
                await together.wait()
                if slug == READS[0]:
                    raise ConnectorClosed("closed meanwhile")
                return await execute(slug, *arguments, **options)

            cal.execute = one_is_late
            told = await cal.handle_tool_calls(CHAT.whole(said(*READS[:2])))
        late, done = (result.envelope for result in told.results)
        assert (late.data["code"], done.successful) == ("refused", True)

    asyncio.run(run())
