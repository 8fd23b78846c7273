"""FastMCP's client over both transports; over HTTP with a key, in the newest revision and older."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import pytest
from fastmcp import Client
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from fastmcp.exceptions import ToolError

from cal_actions import AsyncConnector, catalog
from cal_actions.mcp import ask_user, create_app, create_server, tell_retry
from cal_actions.sandbox import Sandbox
from tests.mcp.serving import COMMAND, ERAS, behind_http
from tests.mcp.test_tools import MEETING

Use = Callable[..., Any]
WAYS = ("stdio auto", *(f"http {era}" for era in ERAS))
ME, BOOK, CANCEL = (
    "CAL_RETRIEVE_MY_INFORMATION",
    "CAL_POST_NEW_BOOKING_REQUEST",
    "CAL_CANCEL_BOOKING_VIA_UID",
)


def using(
    transport: Any, mode: Any, what: Callable[[Client[Any]], Awaitable[Any]], **options: Any
) -> Any:
    """Connect a client, do something with it, and return what came of it."""

    async def run() -> Any:
        async with Client(transport, mode=mode, **options) as client:
            return await what(client)

    return asyncio.run(run())


def with_key(url: str, key: str, mode: str = "auto") -> Use:
    return partial(using, StreamableHttpTransport(url, auth=key), mode)


@contextmanager
def served() -> Iterator[str]:
    """Serve a sandbox over HTTP to those who have a key of its; yields the URL."""
    with Sandbox() as world:
        connector = AsyncConnector.sandbox(world, approve=ask_user, on_retry=tell_retry)
        with behind_http(create_app(create_server(connector))) as url:
            yield url


@contextmanager
def connected(way: str) -> Iterator[Use]:
    transport, mode = way.split()
    if transport == "http":
        with served() as url:
            yield with_key(url, "cal_sandbox_owner", mode)
        return
    # With next to nothing of the environment the command would not find the package.
    command, *arguments = [*COMMAND, "--sandbox"]
    started = StdioTransport(command, arguments, env=dict(os.environ), keep_alive=False)
    yield partial(using, started, mode)


@pytest.fixture
def url() -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def over_http(url: str) -> Use:
    return with_key(url, "cal_sandbox_owner")


@pytest.fixture(params=WAYS)
def use(request: pytest.FixtureRequest) -> Iterator[Use]:
    with connected(request.param) as use:
        yield use


class Session(NamedTuple):
    """What a client got in one connection."""

    tools: list[Any]
    answer: Any
    heard: list[tuple[float, float | None, str | None]]
    failure: str
    prompts: list[Any]
    prompt: Any
    resources: list[Any]
    page: Any


async def all_of(client: Client[Any]) -> Session:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    tools = await client.list_tools()
    answer = await client.call_tool(ME, progress_handler=hear)
    with pytest.raises(ToolError) as raised:
        await client.call_tool(CANCEL, {"cancellationReason": "ill"})
    prompts = await client.list_prompts()
    prompt = await client.get_prompt("weekly_review", {"week": "the next"})
    resources = await client.list_resources()
    page = await client.read_resource(f"cal-actions://actions/{CANCEL}")
    failure = str(raised.value)
    return Session(tools, answer, heard, failure, prompts, prompt, resources, page)


@pytest.fixture(scope="module", params=WAYS)
def session(request: pytest.FixtureRequest) -> Session:
    with connected(request.param) as use:
        return use(all_of)


def calling(name: str, arguments: dict[str, Any] | None = None, **options: Any) -> Any:
    async def call(client: Client[Any]) -> Any:
        return await client.call_tool(name, arguments, **options)

    return call


# Tools


def test_each_action_is_listed_as_a_tool(session: Session) -> None:
    assert [tool.name for tool in session.tools] == list(catalog)


def test_a_call_is_answered_with_structured_content(session: Session) -> None:
    answer = session.answer.structured_content
    assert answer["data"]["username"] == "sam"
    assert (answer["error"], answer["successful"]) == (None, True)


def test_the_data_is_an_object_made_by_the_output_schema(session: Session) -> None:
    assert session.answer.data.data.username == "sam"


def test_a_call_that_fails_raises_what_is_to_be_changed(session: Session) -> None:
    assert f"{CANCEL} was not sent: bookingUid is required." in session.failure


def test_progress_is_heard(session: Session) -> None:
    assert session.heard == [(1, None, f"{ME} was begun")]


def test_a_failure_may_be_looked_at_instead(over_http: Use) -> None:
    arguments = {"eventTypeId": "99"}
    answer = over_http(calling("CAL_RETRIEVE_EVENT_TYPE_BY_ID", arguments, raise_on_error=False))
    assert answer.is_error
    assert answer.structured_content["data"]["code"] == "not_found"


# Consent


def answering(answer: Any, questions: list[str]) -> dict[str, Any]:
    """Return the options of a client whose user answers so."""

    async def handle(question: str, form: Any, _params: Any, _context: Any) -> Any:
        questions.append(question)
        assert form is None  # there is nothing to fill in
        return answer

    return {"elicitation_handler": handle}


async def cancelling(client: Client[Any]) -> tuple[str, str]:
    """Book a meeting and cancel it; returns what failed, and how the booking is afterwards."""
    booked = await client.call_tool(BOOK, MEETING)
    uid = booked.structured_content["data"]["uid"]
    failure = ""
    try:
        await client.call_tool(CANCEL, {"bookingUid": uid, "cancellationReason": "ill"})
    except ToolError as problem:
        failure = str(problem)
    looked = await client.call_tool("CAL_RETRIEVE_BOOKING_DETAILS_BY_UID", {"bookingUid": uid})
    return failure, looked.structured_content["data"]["status"]


def test_a_destructive_action_goes_on_when_the_user_accepts(use: Use) -> None:
    questions: list[str] = []
    assert use(cancelling, **answering({}, questions)) == ("", "cancelled")
    (question,) = questions
    assert question.startswith("Cancel booking via uid (destructive): bookingUid=")


def test_a_destructive_action_is_refused_when_the_user_declines(use: Use) -> None:
    failure, status = use(cancelling, **answering(ElicitResult(action="decline"), []))
    assert "the user declined" in failure
    assert status == "accepted"


def test_a_write_asks_nobody(over_http: Use) -> None:
    questions: list[str] = []
    over_http(calling(BOOK, MEETING), **answering(ElicitResult(action="decline"), questions))
    assert questions == []


# Keys


def test_a_call_is_made_with_the_key_of_its_header(url: str) -> None:
    answer = with_key(url, "cal_sandbox_member")(calling(ME))
    assert answer.structured_content["data"]["username"] == "robin"


def test_a_key_that_is_not_known_fails_the_call(url: str) -> None:
    with pytest.raises(ToolError) as raised:
        with_key(url, "cal_of_nobody")(calling(ME))
    assert "check that the API key or token is valid" in str(raised.value)


def test_a_server_is_reached_as_clients_are_configured(url: str) -> None:
    headers = {"Authorization": "Bearer cal_sandbox_member"}
    configured = {"mcpServers": {"cal": {"url": url, "headers": headers}}}
    answer = using(configured, "auto", calling(ME))
    assert answer.structured_content["data"]["username"] == "robin"


# Prompts and resources


def test_prompts_are_listed_with_what_they_need(session: Session) -> None:
    needed = {
        prompt.name: [one.name for one in prompt.arguments if one.required]
        for prompt in session.prompts
    }
    assert needed == {"book_a_meeting": ["attendee"], "weekly_review": []}


def test_a_prompt_is_written_out_with_its_arguments(session: Session) -> None:
    (message,) = session.prompt.messages
    assert "\nWeek: the next\n" in message.content.text


def test_the_catalogue_and_each_action_are_listed_as_resources(session: Session) -> None:
    assert [resource.name for resource in session.resources] == ["catalog", *catalog]


def test_an_action_s_page_is_read(session: Session) -> None:
    (page,) = session.page
    assert page.text.startswith("# Cancel booking via uid\n")


def test_the_begun_name_of_a_page_is_completed(over_http: Use) -> None:
    async def complete(client: Client[Any]) -> Any:
        (template,) = await client.list_resource_templates()
        page = {"type": "ref/resource", "uri": template.uri_template}
        return await client.complete(page, {"name": "slug", "value": "CAL_CANCEL_"})

    assert over_http(complete).values == [CANCEL]
