"""How a list is read page by page, and how the rest of a shortened answer is asked for.

Worked out from the action's own schemas; nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from cal_actions.errors import ActionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cal_actions.envelope import Envelope
    from cal_actions.results.page import Page
    from cal_actions.spec import ActionSpec

_USUAL = 250  # what nearly all lists give at most; larger pages would only be slower to come
_WORDS = (("take", "skip"), ("limit", "offset"))
_MOST_FILTERS = 3


class Paging(NamedTuple):
    """The parameters that page a list.

    `take` and `skip` are their names ("take" and "skip", or "limit" and "offset"), `most` is
    the largest page and `furthest` the largest `skip`, where there is one.
    """

    take: str
    skip: str
    most: int
    furthest: int | None

    @classmethod
    def of(cls, spec: ActionSpec) -> Paging | None:
        """Return how the action pages, None where all of its answer comes at once."""
        known = spec.input.get("properties", {})
        for take, skip in _WORDS:
            if take in known and skip in known:
                most = known[take].get("maximum", _USUAL)
                return cls(take, skip, most, known[skip].get("maximum"))
        return None


class Pages:
    """The params of each page of a list, one after the other.

    Before the next params, `items` is given what the last ones brought::

        for params in pages:
            yield from pages.items(the page that they bring)
    """

    def __init__(self, spec: ActionSpec, params: Any = None, page_size: int | None = None) -> None:
        """Begin where `params` say.

        A page has `page_size` items; else as many as the `take` (`limit`) in `params`; else as
        many as the action gives, up to 250. Raises ValueError for an action that lists nothing
        and for a `page_size` beyond what the action gives, TypeError for one that is no
        integer.
        """
        self._spec = spec
        self._form = _form(spec)
        self._paging = paging = Paging.of(spec)
        self._params = params
        if page_size is not None:
            _check(page_size, paging.most if paging else None, spec.slug)
        self._reached = self._size = self._overlap = 0
        if paging and isinstance(params, Mapping | None):
            self._params = given = dict(params or {})
            self._size = page_size or _integer(given.get(paging.take)) or min(paging.most, _USUAL)
            self._reached = _integer(given.get(paging.skip)) or 0
            if page_size or given.get(paging.take) is None:
                given[paging.take] = self._size
            if given.get(paging.skip) is None:
                given[paging.skip] = 0
        self._found: list[Any] = []
        self._over = False

    def __iter__(self) -> Iterator[Any]:
        """Yield the params of each page, up to the last.

        Raises ActionError `rejected` where there may be more, beyond the largest `offset`.
        """
        params = self._params
        while not self._over:
            self._over = True  # unless `items` finds that there may be more
            yield params
            if not self._over:
                params = self._next()

    def items(self, page: Page) -> list[Any]:
        """Return what a page adds, as the connector's policy has it shown.

        Raises ActionError where the page failed, `unreadable_response` for one without a list,
        and `rejected` for the page before once more: then what follows cannot be had.
        """
        shown = self._list(page.shown.raise_for_error())
        found = self._list(page.told) if page.told.successful else shown
        paging = self._paging
        if paging is None:
            return shown
        # Counted as Cal.com was asked and told it, whatever a policy made of it.
        asked = _integer(page.sent.get(paging.take)) or self._size + self._overlap
        if found and found == self._found and not self._overlap:
            if len(found) > asked:  # all of it comes at once, whatever is asked for
                return []
            raise self._rejected(f"answers the same page again for {paging.skip}={self._reached}")
        self._found = found
        fresh = len(found) - self._overlap
        if self._overlap and fresh <= 0 and len(found) >= asked:  # less was asked for than meant
            raise self._rejected(f"gives no more than the first {self._reached}")
        self._reached += max(0, fresh)
        has_next = _has_next(page.told.data)
        self._over = fresh <= 0 or (len(found) < asked if has_next is None else not has_next)
        if len(shown) == len(found):
            return shown[self._overlap :]
        known = found[: self._overlap]
        return [item for item in shown if item not in known]

    def _list(self, envelope: Envelope) -> list[Any]:
        found = _items(envelope.data, self._form)
        if found is None:
            raise ActionError(
                "unreadable_response",
                f"{self._spec.slug} answered no list: look at what execute gives.",
            )
        return found

    def _next(self) -> dict[str, Any]:
        paging = self._paging
        assert paging is not None
        skip = self._reached
        self._overlap = 0
        if paging.furthest is not None and skip > paging.furthest:
            # The last that can be had come in a page that begins among those that came before.
            self._overlap = skip - paging.furthest
            self._size = min(self._size, paging.most - self._overlap)
            if self._size <= 0:
                raise self._rejected(f"gives no more than the first {skip}")
            skip = paging.furthest
        return {**self._params, paging.take: self._size + self._overlap, paging.skip: skip}

    def _rejected(self, why: str) -> ActionError:
        filters = _filters(self._spec, {})
        advice = f": narrow it with {filters}" if filters else ""
        return ActionError("rejected", f"Cal.com {why} of {self._spec.slug}{advice}.")


def rest_of(
    spec: ActionSpec,
    params: Mapping[str, Any],
    path: str,
    shown: int,
    left_out: Any,
    *,
    selected: bool,
) -> str:
    """Say in one sentence how to get what a shortened answer leaves out.

    `path` is the list that was cut ("items", or "" for one that is grouped by date; "data" in
    an answer as it came), `shown` how many of its items are left, `left_out` the first that is
    not. `selected` says that the list is not the action's own, but made of its answer.
    """
    if spec.effect != "read":
        return "The call took effect: do not repeat it to see the rest."
    form = _form_of(spec)
    if path == "data" and form:
        path = "" if form == "groups" else "items"
    if path in ("", "items") and not shown:
        return "Not even the first fits in here."
    paging = Paging.of(spec)
    if selected and (left_out is None or (paging and params.get(paging.take) == 1)):
        return "The rest cannot be asked for: select less."
    if paging and selected:
        return f"Call again with a smaller {paging.take}, then with {paging.skip} for the rest."
    if paging and path == "items":
        skip = (_integer(params.get(paging.skip)) or 0) + shown
        if paging.furthest is None or skip <= paging.furthest:
            # Not with a smaller `take`: such a page would be whole, and say of no rest.
            return f"Call again with {paging.skip}={skip} for the rest."
    by_time = path == "" and not selected and "startTime" in spec.input.get("properties", {})
    if by_time and (start := _utc(left_out)):
        return f"Call again with startTime={start} for the rest."
    if path == "items" and form == "items" and (filters := _filters(spec, params)):
        return f"Narrow the call with {filters} to see the rest."
    return "The rest cannot be asked for."


def _form(spec: ActionSpec) -> str:
    if form := _form_of(spec):
        return form
    raise ValueError(f"{spec.slug} answers no list: call it with execute")


def _form_of(spec: ActionSpec) -> str | None:
    output = spec.output
    if spec.effect == "read":
        if output.get("type") == "array":
            return "list"
        if output.get("properties", {}).get("items", {}).get("type") == "array":
            return "items"
        groups = output.get("additionalProperties")
        if isinstance(groups, dict) and groups.get("type") == "array":
            return "groups"
    return None


def _items(data: Any, form: str) -> list[Any] | None:
    if form == "groups" and isinstance(data, Mapping):
        groups = list(data.values())
        if all(isinstance(group, list) for group in groups):
            return [item for group in groups for item in group]
        return None
    if form == "items" and isinstance(data, Mapping):
        data = data.get("items", None if data else [])  # null, which is {}, is an empty list too
    return data if isinstance(data, list) else None


def _has_next(data: Any) -> bool | None:
    told = data.get("pagination") if isinstance(data, Mapping) else None
    has_next = told.get("hasNextPage") if isinstance(told, Mapping) else None
    return has_next if isinstance(has_next, bool) else None


def _check(page_size: int, most: int | None, slug: str) -> None:
    if not isinstance(page_size, int) or isinstance(page_size, bool):
        raise TypeError(f"page_size must be an integer, not {type(page_size).__name__}")
    if page_size < 1 or (most is not None and page_size > most):
        limit = f"from 1 to {most} for {slug}" if most else "at least 1"
        raise ValueError(f"page_size must be {limit}, not {page_size}")


def _integer(value: Any) -> int | None:
    """Read a number as params may hold it before they are checked."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def _filters(spec: ActionSpec, params: Mapping[str, Any]) -> str:
    """Name the optional parameters that narrow a list, those that were not sent if there are."""
    paging = Paging.of(spec)
    optional = [
        name
        for name in spec.input.get("properties", {})
        if name not in spec.input.get("required", ())
        and not name.startswith("sort")
        and not (paging and name in (paging.take, paging.skip))
    ]
    names = [name for name in optional if name not in params] or optional
    return " or ".join(names[:_MOST_FILTERS])


def _utc(slot: Any) -> str | None:
    try:
        start = datetime.fromisoformat(slot["start"])
    except (KeyError, TypeError, ValueError):
        return None
    if start.tzinfo is None:
        return None
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
