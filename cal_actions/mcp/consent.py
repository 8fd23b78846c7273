"""Consent: the user is asked before a call that the connector's policy has approved.

Through elicitation, where the client can show a question. Clients of the revision 2026-07-28 are
answered with the question and call again with what the user said; older ones are asked while the
call waits.
"""

from __future__ import annotations

import json
import secrets
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    ClientCapabilities,
    ElicitationCapability,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    FormElicitationCapability,
    InputRequiredResult,
    MissingRequiredClientCapabilityErrorData,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams, CallToolResult

    from cal_actions.policy import Proposal

_APPROVAL = "approval"
_NOTHING_TO_FILL_IN: dict[str, Any] = {"type": "object", "properties": {}}
_REFUSALS = {
    "decline": "the user declined",
    "cancel": "the user closed the question without an answer",
}


async def ask_user(proposal: Proposal) -> bool | str:
    """Ask the user whose client made the call; a client that cannot ask lets the policy decide.

    For `AsyncConnector(approve=…)`. True where the user agrees, or cannot be asked; else why not.
    """
    consent = _consent.get()
    return True if consent is None or not consent.can_ask else await consent.to(proposal)


async def require_user(proposal: Proposal) -> bool | str:
    """Ask the user as `ask_user` does, and refuse where the client cannot ask."""
    consent = _consent.get()
    if consent is not None:
        if consent.can_ask:
            return await consent.to(proposal)
        consent.miss_the_means()
    return "it needs the user's consent, for which the client cannot ask"


class Questions:
    """What users of the newest revision were asked; each answer counts once, for its question."""

    _SECONDS = 600.0
    _MOST = 1_000

    def __init__(self) -> None:
        self._open: dict[str, tuple[Hashable, float]] = {}

    def put(self, question: Hashable) -> str:
        """Keep a question; returns what the client sends back with the answer."""
        while len(self._open) >= self._MOST:
            del self._open[next(iter(self._open))]
        name = secrets.token_urlsafe(16)
        self._open[name] = question, time.monotonic() + self._SECONDS
        return name

    def take(self, name: str | None) -> Hashable | None:
        """Return the question of that name, once, unless it was asked too long ago."""
        question, until = self._open.pop(name or "", (None, 0.0))
        return question if time.monotonic() < until else None


class Consent:
    """The user's consent to one tool call; a context manager for the length of the call."""

    def __init__(
        self,
        ctx: ServerRequestContext[Any, Any],
        params: CallToolRequestParams,
        questions: Questions,
        caller: Hashable,
    ) -> None:
        """Raises MCPError for an answer to a question that was never asked, or too long ago."""
        self._ctx = ctx
        self._answers = params.input_responses or {}
        self._asked = questions.take(params.request_state)
        self._questions = questions
        self._caller = caller
        self._instead: InputRequiredResult | MCPError | None = None
        if params.request_state is not None and self._asked is None:
            raise _wrong_state()

    def __enter__(self) -> Consent:
        self._token = _consent.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _consent.reset(self._token)

    @property
    def can_ask(self) -> bool:
        """Whether the client can put a question to the user."""
        capabilities = self._ctx.session.client_capabilities
        elicitation = capabilities.elicitation if capabilities else None
        if elicitation is None or (elicitation.form is None and elicitation.url is not None):
            return False
        return self._calls_again or self._ctx.session.can_send_request

    @property
    def _calls_again(self) -> bool:
        return self._ctx.protocol_version in MODERN_PROTOCOL_VERSIONS

    def instead_of(self, result: CallToolResult) -> CallToolResult | InputRequiredResult:
        """Return the result, or what the client must put to the user before it calls again.

        Raises MCPError where the protocol has it that the call cannot be answered otherwise.
        """
        if isinstance(self._instead, MCPError):
            raise self._instead
        return self._instead or result

    def miss_the_means(self) -> None:
        """Note that the call needs what the client did not declare it can do."""
        if self._calls_again:
            needed = ElicitationCapability(form=FormElicitationCapability())
            data = MissingRequiredClientCapabilityErrorData(
                required_capabilities=ClientCapabilities(elicitation=needed)
            )
            self._instead = MCPError(
                MISSING_REQUIRED_CLIENT_CAPABILITY,
                "This call needs the user's consent, which takes a client with form elicitation;"
                " nothing was sent.",
                data.model_dump(by_alias=True, mode="json", exclude_none=True),
            )

    async def to(self, proposal: Proposal) -> bool | str:
        """Tell whether the user agrees to what would happen."""
        message = f"{proposal.summary}\nGo ahead?"
        if self._calls_again:
            answer = self._answer(proposal, message)
            if answer is None:
                return "the user is being asked"
        else:
            answer = await self._ctx.session.elicit_form(
                message, _NOTHING_TO_FILL_IN, related_request_id=self._ctx.request_id
            )
        return answer.action == "accept" or _REFUSALS[answer.action]

    def _answer(self, proposal: Proposal, message: str) -> ElicitResult | None:
        params = json.dumps(proposal.params, sort_keys=True, default=str)
        asked = (self._caller, proposal.slug, params)
        if self._asked not in (None, asked):
            self._instead = _wrong_state()
            return None
        answer = self._answers.get(_APPROVAL)
        if self._asked is not None and isinstance(answer, ElicitResult):
            return answer
        form = ElicitRequestFormParams(message=message, requested_schema=_NOTHING_TO_FILL_IN)
        self._instead = InputRequiredResult(
            input_requests={_APPROVAL: ElicitRequest(params=form)},
            request_state=self._questions.put(asked),
        )
        return None


def _wrong_state() -> MCPError:
    return MCPError(
        INVALID_PARAMS,
        "The requestState belongs to no open question of this call: call again without it.",
        {"reason": "invalid_request_state"},
    )


_consent: ContextVar[Consent | None] = ContextVar("consent", default=None)
