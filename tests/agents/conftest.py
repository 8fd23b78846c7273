"""The sandbox at a fixed time, and an agent on each provider's SDK in front of the endpoint."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import anthropic
import httpx
import openai
import pytest
from google import genai
from google.genai import types

from cal_actions import Connector, schemas
from cal_actions.sandbox import Sandbox
from cal_actions.spec import ActionSpec
from tests.agents import agents, async_agents, streaming_agents
from tests.agents.endpoint import Endpoint, running_endpoint
from tests.agents.model import Script

FORMATS: dict[str, Any] = {
    "chat": "openai",
    "responses": "openai-responses",
    "claude": "anthropic",
    "gemini": "gemini",
}
"""The loop of each API, and the format of the tools that it takes."""


@dataclass(frozen=True)
class Agent:
    """A loop on one SDK, whose model is the endpoint's script."""

    api: str
    client: Any
    endpoint: Endpoint
    loop: Callable[..., Any]

    def ask(
        self,
        script: Script,
        cal: Any,
        actions: Mapping[str, ActionSpec],
        meanwhile: Mapping[int, Callable[[], object]] | None = None,
        **options: bool,
    ) -> Any:
        """Let the loop run until the script has said its last words, and return them.

        `options` are those of `schemas.export`.
        """
        self.endpoint.play(script, meanwhile)
        tools = schemas.export(actions, FORMATS[self.api], **options)
        return self.loop(self.client, cal, tools, "Please do as your script says.")


@dataclass(frozen=True)
class AsyncAgent:
    """The same on an SDK's asynchronous client, which lives as long as the loop."""

    api: str
    endpoint: Endpoint

    async def ask(self, script: Script, cal: Any, actions: Mapping[str, ActionSpec]) -> Any:
        """Let the loop run until the script has said its last words, and return them."""
        self.endpoint.play(script)
        tools = schemas.export(actions, FORMATS[self.api])
        loop = getattr(async_agents, self.api)
        async with _async_client(self.api, self.endpoint.url) as client:
            return await loop(client, cal, tools, "Please do as your script says.")


def _async_client(api: str, url: str) -> Any:
    if api == "claude":
        return anthropic.AsyncAnthropic(api_key="-", base_url=url, max_retries=0)
    if api == "gemini":
        options = _options(url)
        # With a transport of httpx it does without aiohttp, of which it makes a deprecated use.
        options.async_client_args = {"transport": httpx.AsyncHTTPTransport()}
        return genai.Client(api_key="-", vertexai=False, http_options=options).aio
    return openai.AsyncOpenAI(api_key="-", base_url=f"{url}/v1", max_retries=0)


def _options(url: str) -> types.HttpOptions:
    return types.HttpOptions(base_url=url, retry_options=types.HttpRetryOptions(attempts=1))


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(now=datetime(2030, 1, 7, 8, tzinfo=UTC), seed=1) as made:
        yield made


@pytest.fixture
def cal(sandbox: Sandbox) -> Iterator[Connector]:
    with Connector.sandbox(sandbox) as connector:
        yield connector


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Endpoint]:
    with running_endpoint() as running:
        yield running


@pytest.fixture(scope="session")
def clients(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    with (
        openai.OpenAI(api_key="-", base_url=f"{endpoint.url}/v1", max_retries=0) as gpt,
        anthropic.Anthropic(api_key="-", base_url=endpoint.url, max_retries=0) as claude,
        genai.Client(api_key="-", vertexai=False, http_options=_options(endpoint.url)) as gemini,
    ):
        yield {"chat": gpt, "responses": gpt, "claude": claude, "gemini": gemini}


@pytest.fixture(params=FORMATS)
def api(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def agent(api: str, clients: dict[str, Any], endpoint: Endpoint) -> Agent:
    return Agent(api, clients[api], endpoint, getattr(agents, api))


@pytest.fixture
def streaming_agent(api: str, clients: dict[str, Any], endpoint: Endpoint) -> Agent:
    return Agent(api, clients[api], endpoint, getattr(streaming_agents, api))


@pytest.fixture
def async_agent(api: str, endpoint: Endpoint) -> AsyncAgent:
    return AsyncAgent(api, endpoint)
