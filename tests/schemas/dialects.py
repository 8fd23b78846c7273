"""What each provider says that it takes, written down apart from the code under test.

Every checker returns the faults that it finds, each with where it stands; none means right.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_KINDS = {"string", "integer", "number", "boolean", "object", "array", "null"}
_REGULAR = re.compile(r"(?!.*(\(\?|\\b|\\[1-9]))")


def _nodes(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    yield path or "root", schema
    for holder in ("properties", "$defs"):
        for name, part in schema.get(holder, {}).items():
            yield from _nodes(part, f"{path}.{name}")
    for holder in ("items", "additionalProperties"):
        if isinstance(schema.get(holder), dict):
            yield from _nodes(schema[holder], f"{path}[]")
    for number, part in enumerate(schema.get("anyOf", ())):
        yield from _nodes(part, f"{path}|{number}")


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _foreign(schema: Schema, known: set[str]) -> list[str]:
    return [
        f"{path}: {keyword}"
        for path, node in _nodes(schema)
        for keyword in sorted(node.keys() - known)
    ]


def _lost_references(schema: Schema) -> list[str]:
    known = {f"#/$defs/{name}" for name in schema.get("$defs", ())}
    return [
        f"{path}: {node['$ref']} names nothing"
        for path, node in _nodes(schema)
        if "$ref" in node and node["$ref"] not in known
    ]


def _closed(schema: Schema) -> list[str]:
    faults = []
    for path, node in _nodes(schema):
        if "object" in _types(node) or "properties" in node:
            if node.get("additionalProperties") is not False:
                faults.append(f"{path}: other keys are allowed")
            if sorted(node.get("required", ())) != sorted(node.get("properties", ())):
                faults.append(f"{path}: not every property is required")
        if "array" in _types(node) and "items" not in node:
            faults.append(f"{path}: items of any kind")
        if not {"type", "enum", "anyOf", "$ref"} & node.keys():
            faults.append(f"{path}: a value of any kind")
        if not _types(node) <= _KINDS:
            faults.append(f"{path}: unknown type")
    return faults


def openai_strict(schema: Schema) -> list[str]:
    """Check the parameters of a strict function of OpenAI's."""
    known = {"type", "description", "properties", "required", "additionalProperties", "items"}
    known |= {"anyOf", "enum", "$ref", "$defs", "pattern", "format"}
    known |= {"minimum", "maximum", "minItems", "maxItems"}
    formats = {"date-time", "time", "date", "duration", "email"}
    formats |= {"hostname", "ipv4", "ipv6", "uuid"}
    faults = _foreign(schema, known) + _closed(schema) + _lost_references(schema)
    if schema.get("type") != "object" or "anyOf" in schema:
        faults.append("root: must be an object")
    nodes = list(_nodes(schema))
    for path, node in nodes:
        if "$ref" in node and len(node) > 1:
            faults.append(f"{path}: something beside $ref")
        if node.get("format", "date") not in formats:
            faults.append(f"{path}: format {node['format']}")
        if not _REGULAR.match(node.get("pattern", "")):
            faults.append(f"{path}: pattern {node['pattern']}")
    if sum(len(node.get("properties", ())) for _, node in nodes) > 5_000:
        faults.append("root: too many properties")
    if sum(len(node.get("enum", ())) for _, node in nodes) > 1_000:
        faults.append("root: too many enum values")
    if max(path.count(".") + path.count("[]") for path, _ in nodes) >= 10:
        faults.append("root: too deep")
    return faults


def anthropic_strict(schema: Schema) -> list[str]:
    """Check the input schema of a strict tool of Anthropic's."""
    known = {"type", "description", "properties", "required", "additionalProperties", "items"}
    known |= {"anyOf", "enum", "$ref", "$defs", "pattern", "format", "minItems"}
    formats = {"date-time", "time", "date", "duration", "email", "hostname", "uri"}
    formats |= {"ipv4", "ipv6", "uuid"}
    faults = _foreign(schema, known) + _closed(schema) + _lost_references(schema)
    if schema.get("type") != "object":
        faults.append("root: must be an object")
    for path, node in _nodes(schema):
        if node.get("minItems", 0) > 1:
            faults.append(f"{path}: minItems above 1")
        if node.get("format", "date") not in formats:
            faults.append(f"{path}: format {node['format']}")
        if not _REGULAR.match(node.get("pattern", "")):
            faults.append(f"{path}: pattern {node['pattern']}")
        if any(isinstance(value, (dict, list)) for value in node.get("enum", ())):
            faults.append(f"{path}: an enum of more than plain values")
    return faults


def unions(schema: Schema) -> int:
    """Count the values of several types, as Anthropic does: a list of types, or anyOf."""
    return sum("anyOf" in node or isinstance(node.get("type"), list) for _, node in _nodes(schema))


def gemini_json(schema: Schema) -> list[str]:
    """Check the JSON Schema of a Gemini function."""
    known = {"$id", "$defs", "$ref", "$anchor", "type", "format", "title", "description", "enum"}
    known |= {"items", "prefixItems", "minItems", "maxItems", "minimum", "maximum", "anyOf"}
    known |= {"oneOf", "properties", "additionalProperties", "required", "propertyOrdering"}
    faults = _foreign(schema, known) + _lost_references(schema) + _gemini(schema)
    for path, node in _nodes(schema):
        if "$ref" in node and any(not keyword.startswith("$") for keyword in node):
            faults.append(f"{path}: something beside $ref")
        if any(isinstance(value, bool) or value is None for value in node.get("enum", ())):
            faults.append(f"{path}: an enum of neither text nor numbers")
        if node.get("format", "date") not in {"date-time", "date", "time"}:
            faults.append(f"{path}: format {node['format']}")
        if len(_types(node) - {"null"}) > 1:
            faults.append(f"{path}: several types")
    return faults


def gemini_openapi(schema: Schema) -> list[str]:
    """Check the OpenAPI schema of a Gemini function."""
    known = {"type", "format", "title", "description", "nullable", "enum", "maxItems", "minItems"}
    known |= {"properties", "required", "minProperties", "maxProperties", "minLength", "maxLength"}
    known |= {"pattern", "example", "anyOf", "propertyOrdering", "default", "items"}
    known |= {"minimum", "maximum"}
    faults = _foreign(schema, known) + _gemini(schema)
    for path, node in _nodes(schema):
        if not isinstance(node.get("type", ""), str) or "null" in _types(node):
            faults.append(f"{path}: type {node['type']}")
        if "enum" in node and (
            node.get("type") != "string" or not all(isinstance(one, str) for one in node["enum"])
        ):
            faults.append(f"{path}: an enum of other than text")
        if node.get("format", "date-time") != "date-time":
            faults.append(f"{path}: format {node['format']}")
    return faults


def _gemini(schema: Schema) -> list[str]:
    faults = [] if schema.get("type") == "object" else ["root: must be an object"]
    for path, node in _nodes(schema):
        if "anyOf" in node and len(node) > 1:
            faults.append(f"{path}: something beside anyOf")
        if not {"type", "anyOf", "$ref"} & node.keys() and path != "root" and "enum" in node:
            faults.append(f"{path}: an enum without a type")
        if not set(node.get("required", ())) <= node.get("properties", {}).keys():
            faults.append(f"{path}: requires what it does not describe")
        if "array" in _types(node) and "items" not in node:
            faults.append(f"{path}: an array without items")
    return faults


def mcp_tool(tool: dict[str, Any]) -> list[str]:
    """Check a Tool of the Model Context Protocol, revision 2025-11-25."""
    known = {"name", "title", "description", "inputSchema", "outputSchema", "annotations"}
    known |= {"icons", "execution", "_meta"}
    faults = [f"{keyword} is no member" for keyword in sorted(tool.keys() - known)]
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", tool.get("name", "")):
        faults.append("name")
    faults += [
        f"{member}: must describe an object"
        for member in ("inputSchema", "outputSchema")
        if tool.get(member, {}).get("type") != "object"
    ]
    hints = {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    for hint, value in tool.get("annotations", {}).items():
        if hint not in hints | {"title"}:
            faults.append(f"annotations: {hint}")
        elif not isinstance(value, bool if hint in hints else str):
            faults.append(f"annotations: {hint} is {value!r}")
    return faults


def _name(name: str) -> list[str]:
    return [] if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", name) else [f"name {name!r}"]


def openai_tool(tool: dict[str, Any]) -> list[str]:
    """Check a function of either of OpenAI's APIs."""
    function = tool.get("function", tool)
    faults = _name(function["name"])
    if len(function["description"]) > 1024:
        faults.append("description: too long")
    return faults + (openai_strict(function["parameters"]) if function.get("strict") else [])


def anthropic_tool(tool: dict[str, Any]) -> list[str]:
    """Check a tool of Anthropic's."""
    faults = _name(tool["name"])
    return faults + (anthropic_strict(tool["input_schema"]) if tool.get("strict") else [])


def gemini_function(tool: dict[str, Any]) -> list[str]:
    """Check a function declaration of Gemini's, of either dialect."""
    faults = _name(tool["name"])
    if "parametersJsonSchema" in tool:
        faults += gemini_json(tool["parametersJsonSchema"])
    if "parameters" in tool:
        faults += gemini_openapi(tool["parameters"])
        if not tool["parameters"].get("properties"):
            faults.append("parameters: an object without properties")
    return faults


def plain_json(value: Any) -> list[str]:
    """Check that a value is what JSON makes of it."""
    return [] if json.loads(json.dumps(value, allow_nan=False)) == value else ["no plain JSON"]


CHECKERS = {
    "json-schema": plain_json,
    "openai": openai_tool,
    "openai-responses": openai_tool,
    "anthropic": anthropic_tool,
    "gemini": gemini_function,
    "gemini-openapi": gemini_function,
    "mcp": mcp_tool,
}
