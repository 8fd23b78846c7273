"""Which handler answers: method, path template and `cal-api-version` in, handler out.

How to add operations
---------------------
Every module of this package is loaded (`server` excepted). A room is a folder: `routes.py` has its
operations, `records.py` reads its rows, `tables.sql` makes its tables, `world.py` says how they are
written in a world. In routes.py:

    @route("POST", "/v2/bookings/{bookingUid}/confirm", versions=V2024_08_13)
    def confirm(request: Request) -> Answer:
        booking = request.store.one("SELECT * FROM bookings WHERE uid = ?", ...)
        if booking is None:
            raise refusals.not_found(...)
        return success(view(booking))                    # or success(data, 201)

- The template is the one in `operations.txt`: what Cal.com has, whom it serves, which permission
  it asks of an OAuth client, and in which versions. An operation listed there without a handler
  answers 501, anything else 404.
- Whom it serves: "user" answers 401 without credentials, "permissions" answers 403 first, "public"
  serves everyone (`request.caller` is then None or the user whose key was sent).
- `versions` are those the handler plays; None plays all. Other versions that Cal.com serves
  answer 501, the rest 404.
- A handler runs inside one transaction; a GET that writes says `writes=True`. Raising a `Refusal`
  (see refusals.py) undoes its writes.
- `checks.check` reads bodies and queries and collects the errors as Cal.com's own checks do.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast
from urllib.parse import unquote

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import Answer, Request

Access = Literal["user", "permissions", "public"]
Handler = Callable[[Request], Answer]

DEFAULT_VERSION = "2024-04-15"
VERSIONS = (DEFAULT_VERSION, "2024-06-11", "2024-06-14", "2024-08-13", "2024-09-04")
V2024_04_15 = frozenset({DEFAULT_VERSION})
V2024_06_11 = frozenset({"2024-06-11"})
V2024_06_14 = frozenset({"2024-06-14"})
V2024_08_13 = frozenset({"2024-08-13"})
V2024_09_04 = frozenset({"2024-09-04"})

_PLACEHOLDER = re.compile(r"\\\{(\w+)\\\}")
_HANDLERS: dict[tuple[str, str], list[Played]] = {}


@dataclass(frozen=True, slots=True)
class Played:
    """A handler with the versions it plays (None: all), and whether it writes."""

    handler: Handler
    versions: frozenset[str] | None
    writes: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of Cal.com; `versions` are those it is served in.

    `permission` (such as BOOKING_READ) is what an OAuth client needs for it.
    """

    method: str
    template: str
    access: Access
    pattern: re.Pattern[str]
    versions: frozenset[str]
    permission: str | None

    def played(self, version: str) -> Played:
        """What plays the operation in this version; without a handler, a 501."""
        candidates = _HANDLERS.get((self.method, self.template), [])
        for one in candidates:
            if one.versions is None or version in one.versions:
                return one
        return Played(_refusing(f"{self.method} {self.template}", version, candidates), None, False)


def _refusing(name: str, version: str, candidates: Sequence[Played]) -> Handler:
    versions = sorted({one for played in candidates for one in played.versions or ()})
    message = f"The sandbox does not play {name} yet."
    if versions:
        message = (
            f"The sandbox does not play {name} with cal-api-version {version} yet. "
            f"It plays {', '.join(versions)}."
        )

    def refuse(_: Request) -> Answer:
        raise refusals.not_played(message)

    return refuse


def route(
    method: str,
    template: str,
    *,
    versions: frozenset[str] | None = None,
    writes: bool | None = None,
) -> Callable[[Handler], Handler]:
    """Register a handler; see the top of this module. Left out, `writes` is true of all but GET."""

    def register(handler: Handler) -> Handler:
        played = Played(handler, versions, method != "GET" if writes is None else writes)
        _HANDLERS.setdefault((method, template), []).append(played)
        return handler

    return register


def version_of(headers: Mapping[str, str]) -> str:
    """The version Cal.com serves: a missing or unknown `cal-api-version` means 2024-04-15."""
    asked = headers.get("cal-api-version", "")
    return asked if asked in VERSIONS else DEFAULT_VERSION


def find(method: str, target: str, version: str) -> tuple[Operation, dict[str, str]]:
    """The operation behind a request, with its decoded path parameters.

    As on the recorded server the path may carry the prefix `/api`, a trailing slash, and capital
    letters. Raises Refusal (404) when nothing is served there in this version.
    """
    path = target.partition("?")[0].removeprefix("/api").rstrip("/")
    for operation in operations():
        match = operation.pattern.fullmatch(path)
        if match and operation.method == method and version in operation.versions:
            return operation, {name: unquote(text) for name, text in match.groupdict().items()}
    raise refusals.no_route(method, target)


@cache
def operations() -> tuple[Operation, ...]:
    """Every operation of Cal.com, fixed paths before those with placeholders.

    Raises LookupError when a handler is registered for something that Cal.com does not have.
    """
    load_rooms()
    text = resources.files(__package__).joinpath("operations.txt").read_text("utf-8")
    found = [_operation(line) for line in text.splitlines()]
    unknown = _HANDLERS.keys() - {(one.method, one.template) for one in found}
    if unknown:
        raise LookupError(f"not in operations.txt: {sorted(unknown)}")
    return tuple(sorted(found, key=lambda operation: operation.template.replace("{", "~")))


def _operation(line: str) -> Operation:
    method, template, access, *rest = line.split()
    pattern = _PLACEHOLDER.sub(r"(?P<\1>[^/]+)", re.escape(template))
    return Operation(
        method,
        template,
        cast(Access, access),
        re.compile(pattern, re.IGNORECASE),
        frozenset(one for one in rest if one[0].isdigit()) or frozenset(VERSIONS),
        next((one for one in rest if not one[0].isdigit()), None),
    )


@cache
def load_rooms() -> None:
    """Load every module of the package, so that each registers what it plays."""
    package = importlib.import_module(__package__)
    for module in pkgutil.walk_packages(package.__path__, f"{__package__}."):
        if module.name != f"{__package__}.server":
            importlib.import_module(module.name)
