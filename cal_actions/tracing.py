"""OpenTelemetry spans: a tool's execution, and inside it each HTTP request.

Names and attributes are those of OpenTelemetry's semantic conventions, for GenAI tools and
for HTTP clients. Only imported where `opentelemetry-api` is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry import context, trace

import cal_actions
from cal_actions.transport.address import Address
from cal_actions.wire import SendFailed

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

    from cal_actions.spec import ActionSpec
    from cal_actions.wire import WireRequest


class Spans:
    """Starts spans of the tracer `cal_actions`; without an SDK they cost and record nothing."""

    def __init__(self) -> None:
        self._tracer = trace.get_tracer("cal_actions", cal_actions.__version__)

    def call(self, slug: str) -> CallSpan:
        """Start the span of a call and make it the current one."""
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": slug,
            "gen_ai.tool.type": "extension",
        }
        return CallSpan(self._tracer.start_span(f"execute_tool {slug}", attributes=attributes))

    def request(
        self, spec: ActionSpec, wire: WireRequest, base_url: str, resends: int
    ) -> trace.Span:
        """Start the span of one request, within the current one. Its URL has no query."""
        attributes: dict[str, AttributeValue] = {
            "http.request.method": spec.method,
            "url.template": spec.path,
            **_address(base_url, wire.target.partition("?")[0]),
        }
        if resends:
            attributes["http.request.resend_count"] = resends
        name = f"{spec.method} {spec.path}"
        return self._tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=attributes)

    @staticmethod
    def end_request(span: trace.Span, status: int | None, code: str | None) -> None:
        """End the span of a request with what came of it."""
        if status is not None:
            span.set_attribute("http.response.status_code", status)
        if code is not None:
            _fail(span, str(status) if status is not None and status >= 400 else code)
        span.end()


class CallSpan:
    """The span of a call, current until it ends."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span
        self._token: Any = context.attach(trace.set_span_in_context(span))

    def end(self, code: str | None) -> None:
        """End the span; `code` is the failure's."""
        context.detach(self._token)
        if code is not None:
            _fail(self._span, code)
        self._span.end()


def _fail(span: trace.Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(trace.StatusCode.ERROR)


def _address(base_url: str, path: str) -> dict[str, AttributeValue]:
    try:
        address = Address.of(base_url)
    except SendFailed:  # told in the envelope; and a sandbox has no address
        return {}
    return {
        "server.address": address.host,
        "server.port": address.port or (443 if address.scheme == "https" else 80),
        "url.full": address.url + path,
    }
