"""An answer that is too long for a model → the beginning of it, and how to get the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cal_actions.results.fitting import Cut, Fitting, compact, tokens
from cal_actions.results.paging import rest_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cal_actions.results.fitting import Count
    from cal_actions.spec import ActionSpec

_NOTE = "truncated"
_LONGEST_PATH = 80
_MOST_ALSO = 3
_MOST_PASSES = 20


def trimmed(
    data: Any,
    most_tokens: int,
    count: Count,
    spec: ActionSpec,
    params: Mapping[str, Any],
    *,
    selected: bool = False,
) -> Any:
    """Return `data` itself where its compact JSON has at most `most_tokens`, else its beginning.

    `count` tells the tokens of a text; `spec` and `params` are of the call that `data` answers,
    and `selected` says that `data` is only what was selected from its answer. Lists lose items
    from the end, whole ones, so that each stays a prefix; so do the days of slots. Only where a
    single item is too long are the lists and the long texts within it cut, the longest first.

    The beginning is an object with a key `truncated`, `{path, shown, of, rest}`: the list that
    was cut, how many of its items are there, and a sentence that says how to get the others.
    Data that is no object comes under `items` or `value`. All of it fits `most_tokens`, unless
    that is too little for `truncated` alone. `data` is never changed.
    """
    root = _as_object(data)
    try:
        if tokens(compact(data), count, most_tokens) <= most_tokens:
            return data
        shortened = _shortened(root, most_tokens, count, spec, params, selected)
    except RecursionError:  # nested too deeply to be written
        shortened = None
    if shortened is not None:
        return shortened
    whole = [Cut("items", 0, len(root["items"]))] if isinstance(root.get("items"), list) else []
    return {_NOTE: _note(whole or [Cut("", 0, len(root), "keys")], spec, params, selected)}


def _shortened(
    root: dict[str, Any],
    most_tokens: int,
    count: Count,
    spec: ActionSpec,
    params: Mapping[str, Any],
    selected: bool,
) -> dict[str, Any] | None:
    fitting = Fitting(count, 2 * most_tokens)
    sample = [Cut("items", 100, 1000)]
    budget = most_tokens - tokens(compact({_NOTE: _note(sample, spec, params, selected)}), count)
    for _ in range(_MOST_PASSES):
        if budget <= 0:
            break
        fitting.cuts = []
        body = fitting.fit(root, budget, "")
        # The parts were counted one by one, which need not be what the whole comes to.
        over = 0
        if fitting.cuts:
            result = {**body, _NOTE: _note(fitting.cuts, spec, params, selected)}
            over = tokens(compact(result), count) - most_tokens
            if over <= 0:
                return result
        budget -= max(over, budget // 8, 1)
    return None


def _as_object(data: Any) -> dict[str, Any]:
    if isinstance(data, dict) and _NOTE not in data:
        return data
    return {"items" if isinstance(data, list) else "value": data}


def _note(
    cuts: list[Cut], spec: ActionSpec, params: Mapping[str, Any], selected: bool
) -> dict[str, Any]:
    lists = [cut for cut in cuts if cut.path in ("items", "") and not cut.unit]
    main = lists[0] if lists else max(cuts, key=lambda cut: cut.lost)
    rest = rest_of(spec, params, main.path, main.shown, main.left_out, selected=selected)
    note: dict[str, Any] = {"path": main.path[:_LONGEST_PATH]} if main.path else {}
    note |= {"shown": main.shown, "of": main.of}
    if main.unit:
        note["unit"] = main.unit
    note["rest"] = rest
    if also := [cut for cut in cuts if cut is not main]:
        also.sort(key=lambda cut: -cut.lost)
        note["also"] = [
            f"{cut.path[:_LONGEST_PATH]}: {cut.shown} of {cut.of} {cut.unit}".rstrip()
            for cut in also[:_MOST_ALSO]
        ]
        if len(also) > _MOST_ALSO:
            note["also"].append(f"and {len(also) - _MOST_ALSO} more")
    return note
