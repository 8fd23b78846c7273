"""Toolsets: named sets of actions, kept as data."""

from pathlib import Path

import pytest

from cal_actions import Catalog, SpecError, catalog

SPECS = Path(__file__).parent.parent / "action_specs"


def written(tmp_path: Path, toolsets: str) -> Path:
    """Write a directory of two actions and the given toolsets."""
    (tmp_path / "action.schema.json").write_text((SPECS / "action.schema.json").read_text())
    for slug in ("CAL_LIST_TEAMS", "CAL_DELETE_TEAM"):
        path = tmp_path / "teams" / f"{slug}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f"slug: {slug}\ntitle: T\ndescription: Does it.\neffect: read\nidempotent: true\n"
            "request: {method: GET, path: /v2/teams, auth: [user]}\n"
            "input: {type: object, additionalProperties: false, properties: {}}\n"
            "output: {type: object}\n"
        )
    (tmp_path / "toolsets.yaml").write_text(toolsets)
    return tmp_path


def test_scheduling_covers_a_personal_calendar_with_15_to_20_actions() -> None:
    chosen = catalog.filter(toolset="scheduling")
    assert 15 <= len(chosen) <= 20
    assert {
        "CAL_GET_AVAILABLE_SLOTS_INFO",
        "CAL_POST_NEW_BOOKING_REQUEST",
        "CAL_RESCHEDULE_BOOKING_BY_UID",
        "CAL_CANCEL_BOOKING_VIA_UID",
        "CAL_UPDATE_SCHEDULE_BY_ID",
    } <= set(chosen)


def test_every_action_is_in_a_toolset() -> None:
    assert {slug for each in catalog.toolsets.values() for slug in each.slugs} == set(catalog)


def test_a_toolset_says_what_it_is_for() -> None:
    assert all(each.description.endswith(".") for each in catalog.toolsets.values())


def test_a_filter_by_toolset_keeps_its_order() -> None:
    assert tuple(catalog.filter(toolset="teams")) == catalog.toolsets["teams"].slugs


def test_several_toolsets_are_joined_each_action_once() -> None:
    both = list(catalog.filter(toolset=["scheduling", "bookings"]))
    joined = [*catalog.toolsets["scheduling"].slugs, *catalog.toolsets["bookings"].slugs]
    assert both == list(dict.fromkeys(joined))


def test_a_toolset_is_one_condition_among_others() -> None:
    reads = catalog.filter(toolset="webhooks", effect="read", resource="webhooks")
    assert {spec.effect for spec in reads.values()} == {"read"}
    assert set(reads) < set(catalog.toolsets["webhooks"].slugs)


def test_of_a_filtered_catalogue_a_toolset_gives_what_is_there() -> None:
    reads = catalog.filter(effect="read").filter(toolset="scheduling")
    assert set(reads) == {
        slug for slug in catalog.toolsets["scheduling"].slugs if catalog[slug].effect == "read"
    }


def test_an_unknown_toolset_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="unknown toolset 'calendar': use one of scheduling, book"):
        catalog.filter(toolset="calendar")


def test_a_directory_of_ones_own_may_have_toolsets(tmp_path: Path) -> None:
    mine = Catalog.from_directory(
        written(tmp_path, "mine:\n  description: Mine.\n  actions: [CAL_LIST_TEAMS]\n")
    )
    assert list(mine.filter(toolset="mine")) == ["CAL_LIST_TEAMS"]


def test_a_directory_without_toolsets_has_none(tmp_path: Path) -> None:
    (written(tmp_path, "") / "toolsets.yaml").unlink()
    assert Catalog.from_directory(tmp_path).toolsets == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- CAL_LIST_TEAMS", "must be a mapping of names to toolsets"),
        ("mine: [CAL_LIST_TEAMS]", "mine: must have description and actions"),
        ("mine: {description: M., actions: [CAL_NO]}", "mine: there is no action 'CAL_NO'"),
        (
            "mine: {description: M., actions: [CAL_LIST_TEAMS, CAL_LIST_TEAMS]}",
            "mine: CAL_LIST_TEAMS stands twice",
        ),
        ("mine: {description: M., actions: []}", "mine: needs a text and a list of slugs"),
    ],
)
def test_a_wrong_toolset_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(SpecError, match=f"toolsets.yaml:1: {told}"):
        Catalog.from_directory(written(tmp_path, text))
