"""The shape of each provider's tool.

OpenAI: https://platform.openai.com/docs/guides/function-calling. Anthropic:
https://platform.claude.com/docs/en/agents-and-tools/tool-use/define-tools. Gemini:
https://ai.google.dev/api/caching#FunctionDeclaration. MCP:
https://modelcontextprotocol.io/specification/2025-11-25/schema#tool.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from cal_actions.spec import ActionSpec, Schema

    Tool = dict[str, Any]


def _json_schema(spec: ActionSpec, description: str, parameters: Schema, _strict: bool) -> Tool:
    return {
        "name": spec.slug,
        "title": spec.title,
        "description": description,
        "effect": spec.effect,
        "idempotent": spec.idempotent,
        "input_schema": parameters,
        "output_schema": spec.output_schema,
    }


def _openai(spec: ActionSpec, description: str, parameters: Schema, strict: bool) -> Tool:
    function: Tool = {"name": spec.slug, "description": description, "parameters": parameters}
    if strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _openai_responses(spec: ActionSpec, description: str, parameters: Schema, strict: bool) -> Tool:
    return {
        "type": "function",
        "name": spec.slug,
        "description": description,
        "parameters": parameters,
        "strict": strict,  # left out, it would mean true
    }


def _anthropic(spec: ActionSpec, description: str, parameters: Schema, strict: bool) -> Tool:
    tool: Tool = {"name": spec.slug, "description": description, "input_schema": parameters}
    if strict:
        tool["strict"] = True
    return tool


def _gemini(spec: ActionSpec, description: str, parameters: Schema, _strict: bool) -> Tool:
    from cal_actions.schemas.gemini import as_json_schema

    return {
        "name": spec.slug,
        "description": description,
        "parametersJsonSchema": as_json_schema(parameters),
    }


def _gemini_openapi(spec: ActionSpec, description: str, parameters: Schema, _strict: bool) -> Tool:
    tool: Tool = {"name": spec.slug, "description": description}
    if parameters["properties"]:  # models before Gemini 3 refuse an object without any
        from cal_actions.schemas.gemini import as_openapi

        tool["parameters"] = as_openapi(parameters)
    return tool


def _mcp(spec: ActionSpec, description: str, parameters: Schema, _strict: bool) -> Tool:
    return {
        "name": spec.slug,
        "title": spec.title,
        "description": description,
        "inputSchema": parameters,
        "outputSchema": _envelope(spec.output_schema),
        "annotations": {
            "title": spec.title,
            "readOnlyHint": spec.effect == "read",
            "destructiveHint": spec.effect == "destructive",
            "idempotentHint": spec.idempotent,
            "openWorldHint": True,
        },
    }


def _envelope(output: Schema) -> Schema:
    failure: Schema = {
        "type": "object",
        "description": "On failure.",
        "required": ["code", "retryable"],
        "properties": {
            "code": {"type": "string"},
            "retryable": {"type": "boolean", "description": "Whether the same call may succeed."},
            "http_status": {"type": "integer"},
            "retry_after": {"type": "number", "description": "Seconds."},
            "details": {"type": "array", "items": {"type": "object"}},
            "request_id": {"type": "string"},
            "outcome_unknown": {"type": "boolean", "description": "It may have taken effect."},
        },
    }
    # A client refuses an answer that differs from the schema, and Cal.com's answers may: a
    # booking that was made would look like one that failed.
    anything: Schema = {"description": "Whatever else Cal.com answers."}
    return {
        "type": "object",
        "required": ["data", "error", "successful"],
        "properties": {
            "data": {"anyOf": [output, failure, anything]},
            "error": {
                "type": ["string", "null"],
                "description": "What to change; null on success.",
            },
            "successful": {"type": "boolean"},
        },
    }


SHAPES: dict[str, Callable[[ActionSpec, str, Schema, bool], Tool]] = {
    "json-schema": _json_schema,
    "openai": _openai,
    "openai-responses": _openai_responses,
    "anthropic": _anthropic,
    "gemini": _gemini,
    "gemini-openapi": _gemini_openapi,
    "mcp": _mcp,
}
"""Format → what makes a tool of an action, its description and its parameters."""
