"""The server: what a client asks, answered from the connector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
from mcp.server.caching import CacheableMethod, CacheHint
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    GetPromptRequestParams,
    GetPromptResult,
    InputRequiredResult,
    ListPromptsResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ReadResourceRequestParams,
    ReadResourceResult,
    ResourceTemplateReference,
    TextResourceContents,
)

from cal_actions import __version__
from cal_actions.mcp.consent import Consent, Questions
from cal_actions.mcp.finder import FinderTools
from cal_actions.mcp.instructions import instructions
from cal_actions.mcp.keys import Caller
from cal_actions.mcp.pages import TEMPLATE, Pages
from cal_actions.mcp.progress import Progress
from cal_actions.mcp.prompts import Prompts
from cal_actions.mcp.results import as_result
from cal_actions.mcp.tools import ActionTools

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from cal_actions import AsyncConnector
    from cal_actions.mcp.tools import Offer

    Context = ServerRequestContext[Any, Any]

_FRESH = CacheHint(ttl_ms=3_600_000, scope="public")  # the offer never changes while it is served
_LISTS: tuple[CacheableMethod, ...] = (
    "tools/list",
    "prompts/list",
    "resources/list",
    "resources/templates/list",
)

_MOST_COMPLETIONS = 100  # which the protocol allows


def create_server(connector: AsyncConnector, *, search: bool = False) -> Server[Any]:
    """Make an MCP server of the actions that the connector offers.

    Each action is a tool, or with `search` three tools find, describe and execute them all.
    The connector stays yours to close. Serve it with `serve_stdio`, over HTTP with `create_app`
    and `serve_http`, or with what else the SDK has for its low-level servers.
    """
    return _Answers(connector, search=search).server


async def serve_stdio(server: Server[Any]) -> None:
    """Serve one client over standard input and output, until it closes the input."""
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


class _Answers:
    def __init__(self, connector: AsyncConnector, *, search: bool) -> None:
        self._offer: Offer = FinderTools(connector) if search else ActionTools(connector)
        self._schemas = {tool["name"]: tool["inputSchema"] for tool in self._offer.listed}
        self._pages = Pages(connector.actions)
        self._prompts = Prompts(connector.actions)
        self._questions = Questions()
        self.server: Server[Any] = Server(
            "cal-actions",
            version=__version__,
            title="Cal.com",
            description="Actions on Cal.com",
            website_url="https://cal.com",
            instructions=instructions(connector.actions, search=search),
            cache_hints=dict.fromkeys(_LISTS, _FRESH),
            get_tool_input_schema=self._schemas.get,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
            on_completion=self._complete,
        )

    async def _list_tools(self, _ctx: Context, _params: object) -> Any:
        # As plain JSON, which is checked once: as models, 141 tools would be checked twice.
        return {"tools": self._offer.listed, "resultType": "complete"}

    async def _call_tool(
        self, ctx: Context, params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        caller = Caller.of(ctx.request)
        consent = Consent(ctx, params, self._questions, caller.name)
        async with anyio.create_task_group() as tasks:
            with consent, Progress(ctx.session, tasks) as progress:
                progress.tell(f"{params.name} was begun")
                envelope = await self._offer.call(params.name, params.arguments or {}, caller.auth)
        return consent.instead_of(as_result(envelope))

    async def _list_prompts(self, _ctx: Context, _params: object) -> ListPromptsResult:
        return ListPromptsResult(prompts=self._prompts.listed())

    async def _get_prompt(self, _ctx: Context, params: GetPromptRequestParams) -> GetPromptResult:
        try:
            return self._prompts.get(params.name, params.arguments or {})
        except ValueError as problem:
            raise MCPError(INVALID_PARAMS, str(problem)) from None

    async def _list_resources(self, _ctx: Context, _params: object) -> ListResourcesResult:
        return ListResourcesResult(resources=self._pages.listed())

    async def _list_templates(self, _ctx: Context, _params: object) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=[TEMPLATE])

    async def _read_resource(
        self, _ctx: Context, params: ReadResourceRequestParams
    ) -> ReadResourceResult:
        text = self._pages.read(params.uri)
        if text is None:
            raise MCPError(INVALID_PARAMS, "There is no such resource.", {"uri": params.uri})
        page = TextResourceContents(uri=params.uri, mime_type=TEMPLATE.mime_type, text=text)
        return ReadResourceResult(contents=[page])

    async def _complete(self, _ctx: Context, params: CompleteRequestParams) -> CompleteResult:
        is_slug = isinstance(params.ref, ResourceTemplateReference)
        found = self._pages.complete(params.argument.value) if is_slug else []
        values = found[:_MOST_COMPLETIONS]
        completion = Completion(values=values, total=len(found), has_more=len(found) > len(values))
        return CompleteResult(completion=completion)
