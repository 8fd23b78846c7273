"""A warm search ÷ the standard library's `difflib.get_close_matches` over the 141 titles."""

from collections.abc import Iterator
from difflib import get_close_matches

from measure import Line, calls, median, ratio, rounds

from cal_actions import catalog

QUERIES = (
    "book a meeting",
    "move tomorrow's call with Ana to Friday, she is ill",
    "delete webhook of the organization",
    "canecl my bokking",
    "quiero cambiar mi horario de trabajo",
    "Organisationswebhook löschen",
)


def lines() -> Iterator[Line]:
    """Measure six queries of several kinds, interleaved with the floor."""
    titles = [spec.title for spec in catalog.values()]

    def ours() -> object:
        return [catalog.search(query) for query in QUERIES]

    def floor() -> object:
        return [get_close_matches(query, titles) for query in QUERIES]

    ours()
    costs, floors = rounds(21, calls(ours, 20), calls(floor, 2))
    each = median(costs, "wall") / len(QUERIES) * 1e3
    yield Line(
        "a warm search / difflib over the titles",
        ratio(costs, floors, "wall"),
        0.5,
        f"wall; {each:.2f} ms a query",
    )
