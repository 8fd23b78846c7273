"""The forms in which an answer may come to hand."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tests.tool_calls.providers import GEMINI, Provider, Said


def _object(provider: Provider, calls: list[Said], cut: bool) -> Any:
    return provider.type.validate_python(provider.whole(calls, cut=cut))


def _dict(provider: Provider, calls: list[Said], cut: bool) -> Any:
    return provider.whole(calls, cut=cut)


def _dumped(provider: Provider, calls: list[Said], cut: bool) -> Any:
    return _object(provider, calls, cut).model_dump()


def _dumped_as_json(provider: Provider, calls: list[Said], cut: bool) -> Any:
    return _object(provider, calls, cut).model_dump(mode="json", by_alias=True, exclude_none=True)


def _attributes(provider: Provider, calls: list[Said], cut: bool) -> Any:
    return _namespaces(_dumped(provider, calls, cut))


def _namespaces(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{key: _namespaces(item) for key, item in value.items()})
    return [_namespaces(item) for item in value] if isinstance(value, list) else value


def _events(provider: Provider, calls: list[Said], cut: bool) -> Any:
    return provider.events(calls, cut=cut)


def _event_objects(provider: Provider, calls: list[Said], cut: bool) -> Any:
    events = provider.events(calls, cut=cut)
    return tuple(provider.event_type.validate_python(event) for event in events)


WHOLE: list[Callable[[Provider, list[Said], bool], Any]] = [
    _object,
    _dict,
    _dumped,
    _dumped_as_json,
    _attributes,
    _events,
    _event_objects,
]


def _message(provider: Provider, calls: list[Said]) -> Any:
    return provider.message(provider.whole(calls))


def _message_object(provider: Provider, calls: list[Said]) -> Any:
    answer = provider.type.validate_python(provider.whole(calls))
    if provider is GEMINI:
        return answer.candidates[0].content
    if hasattr(answer, "choices"):
        return answer.choices[0].message
    return answer.output if hasattr(answer, "output") else answer


ALONE: list[Callable[[Provider, list[Said]], Any]] = [_message, _message_object]
