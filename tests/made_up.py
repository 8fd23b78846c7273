"""Actions that exist for a test alone, and the codes that any action may fail with."""

from collections.abc import Iterable, Mapping
from typing import Any

from cal_actions import Catalog

CODES = {
    "unknown_action",
    "invalid_params",
    "no_credentials",
    "refused",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "rejected",
    "rate_limited",
    "upstream_error",
    "timeout",
    "network_error",
    "unreadable_response",
    "endpoint_gone",
}
PROPERTIES = {
    "uid": {"type": "string", "description": "Its uid."},
    "take": {"type": "integer", "description": "How many."},
    "teamId": {"type": ["integer", "string"], "description": "Its team."},
    "tags": {"type": "array", "items": {"type": "string"}, "description": "Tags."},
}


def document(
    slug: str = "CAL_DO",
    method: str = "GET",
    path: str = "/v2/things",
    *,
    auth: Iterable[str] = ("user",),
    effect: str | None = None,
    properties: Mapping[str, Any] = PROPERTIES,
    version: str | None = None,
    **more: Any,
) -> dict[str, Any]:
    """The content of an action file; by default GET reads and every other method writes."""
    effect = effect or ("read" if method == "GET" else "write")
    request = {"method": method, "path": path, "auth": list(auth)}
    return {
        "slug": slug,
        "title": slug,
        "description": "Does it.",
        "resource": "things",
        "effect": effect,
        "idempotent": effect == "read",
        "request": request | ({"version": version} if version else {}),
        "input": {
            "type": "object",
            "required": [name for name in properties if f"{{{name}}}" in path],
            "additionalProperties": False,
            "properties": dict(properties),
        },
        "output": {"type": "object"},
        **more,
    }


def catalog_of(*documents: dict[str, Any]) -> Catalog:
    """The catalogue of these actions."""
    return Catalog(lambda: {item["slug"]: item for item in documents})
