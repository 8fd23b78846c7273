"""The shapes of the providers' answers, as templates: `recorded/*.json`."""

import json
from pathlib import Path
from typing import Any


def recorded(name: str) -> dict[str, Any]:
    """Read one file of templates."""
    templates: dict[str, Any] = json.loads(
        (Path(__file__).parent / "recorded" / f"{name}.json").read_text()
    )
    return templates


def filled(template: Any, **values: Any) -> Any:
    """Copy a template, each "$name" in it replaced by that value."""
    if isinstance(template, dict):
        return {key: filled(item, **values) for key, item in template.items()}
    if isinstance(template, list):
        return [filled(item, **values) for item in template]
    if isinstance(template, str) and template.startswith("$"):
        return values[template[1:]]
    return template


def pieces(text: str) -> list[str]:
    """Cut text as a stream does: somewhere."""
    middle = len(text) // 2
    return [text[:1], text[1:middle], text[middle:]]
