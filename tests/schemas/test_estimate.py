"""What an export costs in a prompt."""

import json
from typing import Any

import pytest

from cal_actions import catalog, schemas
from tests.results.o200k import count


@pytest.mark.parametrize("format_name", ["openai", "anthropic", "gemini", "mcp"])
def test_the_estimate_of_a_toolset_is_up_to_a_fifth_too_high(format_name: Any) -> None:
    for name in catalog.toolsets:
        tools = schemas.export(catalog.filter(toolset=name), format_name)
        text = json.dumps(tools, ensure_ascii=False, separators=(",", ":"))
        assert 1 <= schemas.estimate_tokens(tools) / count(text) <= 1.2, name
