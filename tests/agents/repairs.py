"""How a scripted model mends a call: by the error's own words, and by nothing else."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.agents.model import Call

_NAME = re.compile(r"(\w+) is not a parameter \(did you mean (\w+)\?\)")
_VALUE = re.compile(r'(\w+) is not a possible value: got "(\w+)" \(did you mean (\w+)\?\)')
_TYPE = re.compile(r'(\w+) must be an integer, not "(\w+)"')
_SLUG = re.compile(r"There is no action '(\w+)': did you mean (\w+)")
_NUMBERS = {"one": 1, "two": 2, "thirty": 30}


def mended(call: Call, error: str) -> Call:
    """Return the call as the error says that it should be."""
    name, arguments = call.name, call.arguments
    if isinstance(arguments, str):
        assert "JSON object" in error, error
        arguments = _closed(arguments)
    if found := _SLUG.search(error):
        name = found[2]
    arguments = dict(arguments)
    for wrong, right in _NAME.findall(error):
        arguments[right] = arguments.pop(wrong)
    for parameter, _, right in _VALUE.findall(error):
        arguments[parameter] = right
    for parameter, word in _TYPE.findall(error):
        arguments[parameter] = _NUMBERS[word]
    return Call(name, arguments)


def _closed(text: str) -> Any:
    return json.loads(text + "}" * (text.count("{") - text.count("}")))
