"""Where each parameter of an action goes: as its file states, else by the method's default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from cal_actions.spec import METHODS_WITH_BODY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cal_actions.spec import ActionSpec

Location = Literal["path", "query", "body"]


class Placement(NamedTuple):
    """Where one parameter goes in the request, in OpenAPI's words.

    `name` is the name on the wire; in a body it is dotted for nesting
    (`color.lightThemeHex`). `explode` is for arrays in the query: true repeats the key,
    false joins the values with commas. `convert` names one of
    `cal_actions.conversions.CONVERSIONS`. `send` is false for a parameter that Cal.com no
    longer takes.
    """

    location: Location
    name: str
    explode: bool
    convert: str | None
    send: bool


def placements(spec: ActionSpec) -> dict[str, Placement]:
    """Return the placement of every parameter, in the order of the action file."""
    return {
        name: _placement(name, spec.wire.get(name, {}), _default_location(name, spec))
        for name in spec.input["properties"]
    }


def _placement(name: str, stated: Mapping[str, Any], default: Location) -> Placement:
    return Placement(
        location=stated.get("in", default),
        name=stated.get("name", name),
        explode=stated.get("explode", True),
        convert=stated.get("convert"),
        send=stated.get("send", True),
    )


def _default_location(name: str, spec: ActionSpec) -> Location:
    if f"{{{name}}}" in spec.path:
        return "path"
    return "body" if spec.method in METHODS_WITH_BODY else "query"
