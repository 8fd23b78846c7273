"""What a caller selects from an answer: a JMESPath expression, checked before anything is sent.

Needs the extra `jmespath`; see https://jmespath.org for the language.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from cal_actions.errors import ActionError

_KEPT = 256
_LONGEST = 10_000
_LONGEST_SHOWN = 20


class Selection:
    """A JMESPath expression, ready to be applied to any number of answers."""

    def __init__(self, expression: str) -> None:
        """Compile the expression; the same one again costs nothing.

        Raises ActionError `invalid_params`, with the path `select` in its details, for one that
        is wrong, calls an unknown function or calls one with too few or too many arguments, and
        ImportError where the extra is missing.
        """
        if not isinstance(expression, str):
            raise _wrong(f"must be a JMESPath expression as text, not {type(expression).__name__}")
        self.expression = expression
        self._compiled = _compiled(expression)

    def apply(self, data: Any) -> Any:
        """Return what the expression selects from `data`, None where it finds nothing.

        Never raises: the answer may be that of a booking just made. Where a value is not of
        the type that a function takes, all of `data` comes back, as an object with the reason
        in `select_error`; data that is no object comes under `value`.
        """
        try:
            return self._compiled.search(data)
        except (ValueError, TypeError, ArithmeticError, RecursionError, LookupError) as error:
            whole = data if isinstance(data, dict) else {"value": data}
            return {**whole, "select_error": f"All of the answer is here: {_reason(error)}."}

    def __repr__(self) -> str:
        return f"Selection({self.expression!r})"


@lru_cache(maxsize=_KEPT)
def _compiled(expression: str) -> Any:
    try:
        jmespath = import_module("jmespath")
    except ImportError as missing:
        raise ImportError(
            'select= needs an extra: pip install "cal-actions[jmespath]"'
        ) from missing
    if not expression.strip():
        raise _wrong("is empty: leave it out to get all of data")
    if len(expression) > _LONGEST:
        raise _wrong(f"is longer than {_LONGEST} characters")
    try:
        compiled = jmespath.compile(expression)
        known = jmespath.functions.Functions.FUNCTION_TABLE
        _check({"type": "whole", "children": [compiled.parsed]}, known)
    except jmespath.exceptions.JMESPathError as error:
        raise _wrong(_where(error, expression)) from None
    except RecursionError:
        raise _wrong("is nested too deeply") from None
    return compiled


def _check(node: Any, known: dict[str, Any]) -> None:
    """Find what the library would notice only when it comes upon it in an answer."""
    if not isinstance(node, dict):
        return
    children = node.get("children", [])
    takes_expressions: list[bool] = []
    if node["type"] == "function_expression":
        name = node["value"]
        if name not in known:
            raise _wrong(f"calls {name}(), which JMESPath does not have")
        signature = known[name]["signature"]
        _check_arguments(name, len(children), signature)
        takes_expressions = ["expref" in argument["types"] for argument in signature]
    if node["type"] == "slice" and children[2] == 0:
        raise _wrong("has a slice whose step is 0")
    for index, child in enumerate(children):
        expression = isinstance(child, dict) and child["type"] == "expref"
        if expression and not any(takes_expressions[index : index + 1]):
            raise _wrong("has a & that is not an argument of a function that takes one")
        _check(child, known)


def _check_arguments(name: str, given: int, signature: tuple[dict[str, Any], ...]) -> None:
    needed = len(signature)
    variadic = bool(signature) and signature[-1].get("variadic", False)
    if given < needed or (given > needed and not variadic):
        least = "at least " if variadic else ""
        raise _wrong(f"calls {name}() with {given} arguments: it takes {least}{needed}")


def _where(error: Any, expression: str) -> str:
    position = getattr(error, "lex_position", 0) or 0
    if position >= len(expression):
        return "ends too early"
    rest = expression[position:]
    shown = f"{rest[:_LONGEST_SHOWN]}…" if len(rest) > _LONGEST_SHOWN else rest
    literal = getattr(error, "token_type", None) == "NUMBER"
    hint = " (a number is written in backticks)" if literal else ""
    return f"is wrong at character {position + 1}, from {shown!r} on{hint}"


def _reason(error: Exception) -> str:
    function = getattr(error, "function_name", None)
    if function is None:
        return "select compares values that have no order"
    taken = getattr(error, "actual_type", "this")
    return f"{function}() in select cannot take a value of type {taken}"


def _wrong(why: str) -> ActionError:
    return ActionError(
        "invalid_params",
        f"select {why}; nothing was sent.",
        details=[{"path": "select", "message": why}],
    )
