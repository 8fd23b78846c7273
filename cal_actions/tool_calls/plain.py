"""Read dicts, pydantic models and other objects with attributes alike.

Attributes are read rather than whole models dumped: models that an SDK built without checking
warn, or fail, when they are dumped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any


def get(value: Any, *names: str) -> Any:
    """Return the first of the fields `names` that there is and that is not None, or None."""
    for name in names:
        mapping = isinstance(value, Mapping)
        found = value.get(name) if mapping else getattr(value, name, None)
        if found is not None:
            return found
    return None


def has(value: Any, *names: str) -> bool:
    """Tell whether there is one of the fields, be it None."""
    if isinstance(value, Mapping):
        return any(name in value for name in names)
    return any(hasattr(value, name) for name in names)


def items(value: Any) -> list[Any]:
    """Return what a list holds; nothing for what is no list."""
    return list(value) if isinstance(value, list | tuple) else []


def text(value: Any) -> str:
    """Return text, or that of an enum's member; "" for anything else."""
    if isinstance(value, Enum):
        value = value.value if isinstance(value.value, str) else value.name
    return value if isinstance(value, str) else ""


def identifier(value: Any, otherwise: str | None) -> str | None:
    """Return an id as text, or `otherwise` where there is none."""
    return str(value) if isinstance(value, int) else text(value) or otherwise


def plain(value: Any) -> Any:
    """Return a copy in dicts and lists.

    Raises RecursionError for what holds itself or is nested too deeply, and ValueError for a
    model that cannot be dumped.
    """
    if isinstance(value, str | bytes | int | float | None):
        return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [plain(item) for item in value]
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", warnings=False)
    return plain(vars(value)) if hasattr(value, "__dict__") else value
