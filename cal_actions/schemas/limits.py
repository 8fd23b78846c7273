"""How many tools each provider takes in one request, and of what names, as it says itself.

- OpenAI: 128 tools (https://platform.openai.com/docs/api-reference/chat/create), and 1,024
  characters of description (https://learn.microsoft.com/azure/ai-foundry/openai/quotas-limits).
- Anthropic: any number.
- Gemini: 512 function declarations
  (https://cloud.google.com/vertex-ai/generative-ai/docs/reference/rest/v1/Tool).
- Names: 64 characters of a-z, A-Z, 0-9, _ and - are what all of them take; MCP takes 128.
"""

from __future__ import annotations

_MOST_TOOLS = {"openai": 128, "openai-responses": 128, "gemini": 512, "gemini-openapi": 512}
_LONGEST_NAME = {"json-schema": None, "mcp": 128}
_LONGEST_DESCRIPTION = {"openai": 1024}

FEWER = (
    "select fewer with catalog.filter(resource=…), filter(effect=…), filter(toolset=…) or "
    "filter(slugs=…)"
)
"""What to do about too many actions."""


def check(described: list[tuple[str, str]], format: str) -> None:
    """Raise ValueError where the provider of `format` refuses so many tools, or one of them.

    `described` are the slug and the description of each.
    """
    most = _MOST_TOOLS.get(format)
    if most is not None and len(described) > most:
        raise ValueError(
            f"{len(described)} actions are more than the {most} tools that {format!r} takes in "
            f"one request: {FEWER}"
        )
    longest_name = _LONGEST_NAME.get(format, 64)
    longest = _LONGEST_DESCRIPTION.get(format)
    for slug, description in described:
        if longest_name is not None and not (len(slug) <= longest_name and _is_plain(slug)):
            raise ValueError(
                f"{slug!r} is no name that {format!r} takes: rename it to at most {longest_name} "
                "letters, digits, _ and -"
            )
        if longest is not None and len(description) > longest:
            raise ValueError(
                f"the description of {slug} has {len(description)} characters: shorten it to the "
                f"{longest} that {format!r} takes"
            )


def _is_plain(slug: str) -> bool:
    return slug.isascii() and slug.replace("_", "").replace("-", "").isalnum()
