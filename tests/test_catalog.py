"""The catalogue: a mapping from slug to action."""

from collections.abc import Mapping
from typing import Any

import pytest

from cal_actions import ActionSpec, Catalog, catalog
from tests.made_up import document

THREE = {
    "CAL_DELETE_BOOKING": document("CAL_DELETE_BOOKING", resource="bookings", effect="destructive"),
    "CAL_LIST_BOOKINGS": document("CAL_LIST_BOOKINGS", resource="bookings"),
    "CAL_LIST_TEAMS": document("CAL_LIST_TEAMS", resource="teams"),
}


@pytest.fixture
def three() -> Catalog:
    return Catalog(lambda: dict(THREE))


def test_it_is_a_mapping_of_slugs_to_actions(three: Catalog) -> None:
    assert isinstance(three, Mapping)
    assert (len(three), list(three)) == (3, list(THREE))
    assert isinstance(three["CAL_LIST_TEAMS"], ActionSpec)


def test_an_action_is_made_once(three: Catalog) -> None:
    assert three["CAL_LIST_TEAMS"] is three["CAL_LIST_TEAMS"]


def test_nothing_is_loaded_before_it_is_asked_for() -> None:
    loads: list[int] = []

    def load() -> dict[str, Any]:
        loads.append(1)
        return dict(THREE)

    lazy = Catalog(load)
    assert loads == []
    assert (len(lazy), "CAL_LIST_TEAMS" in lazy, loads) == (3, True, [1])


def test_the_packaged_catalogue_has_the_first_actions() -> None:
    assert {"CAL_FETCH_ALL_BOOKINGS", "CAL_POST_NEW_BOOKING_REQUEST"} <= set(catalog)


def test_an_unknown_slug_is_a_key_error_that_names_the_closest(three: Catalog) -> None:
    with pytest.raises(KeyError, match="did you mean CAL_LIST_TEAMS"):
        three["CAL_LIST_TEAM"]


def test_get_answers_none_for_an_unknown_slug(three: Catalog) -> None:
    assert three.get("CAL_NOTHING") is None


@pytest.mark.parametrize("slug", ["cal_list_bookings", " CAL_LIST_BOOKING ", "LIST_BOOKINGS"])
def test_a_near_miss_suggests_the_slug_that_was_meant(three: Catalog, slug: str) -> None:
    assert three.suggest(slug)[0] == "CAL_LIST_BOOKINGS"


@pytest.mark.parametrize(
    ("slug", "meant"),
    [
        ("CAL_CREATE_BOOKING", "CAL_POST_NEW_BOOKING_REQUEST"),
        ("CAL_MOVE_MEETING", "CAL_RESCHEDULE_BOOKING_BY_UID"),
        ("cancel_appointment", "CAL_CANCEL_BOOKING_VIA_UID"),
        ("CAL_LIST_WEBHOOKS", "CAL_RETRIEVE_WEBHOOKS_LIST"),
    ],
)
def test_a_slug_that_says_it_in_other_words_suggests_the_one_that_means_it(
    slug: str, meant: str
) -> None:
    assert catalog.suggest(slug)[0] == meant


def test_no_more_slugs_are_suggested_than_asked_for(three: Catalog) -> None:
    assert len(three.suggest("CAL_LIST_BOOKING", limit=1)) == 1


def test_what_resembles_nothing_suggests_nothing(three: Catalog) -> None:
    assert three.suggest("weather") == []


def test_a_filter_by_resource_keeps_that_folder(three: Catalog) -> None:
    assert list(three.filter(resource="bookings")) == ["CAL_DELETE_BOOKING", "CAL_LIST_BOOKINGS"]


def test_a_filter_by_effect_keeps_that_effect(three: Catalog) -> None:
    assert list(three.filter(effect="read")) == ["CAL_LIST_BOOKINGS", "CAL_LIST_TEAMS"]


def test_a_filter_by_slugs_keeps_those(three: Catalog) -> None:
    assert list(three.filter(slugs=["CAL_LIST_TEAMS"])) == ["CAL_LIST_TEAMS"]


def test_a_filter_takes_a_single_slug(three: Catalog) -> None:
    assert list(three.filter(slugs="CAL_LIST_TEAMS")) == ["CAL_LIST_TEAMS"]


def test_every_condition_of_a_filter_must_hold(three: Catalog) -> None:
    assert list(three.filter(resource="bookings", effect="read")) == ["CAL_LIST_BOOKINGS"]


def test_conditions_that_no_action_fits_leave_an_empty_catalogue(three: Catalog) -> None:
    assert len(three.filter(resource="teams", effect="destructive")) == 0


def test_a_filtered_catalogue_filters_on(three: Catalog) -> None:
    assert list(three.filter(effect="read").filter(resource="teams")) == ["CAL_LIST_TEAMS"]


def test_an_unknown_slug_in_a_filter_is_a_key_error(three: Catalog) -> None:
    with pytest.raises(KeyError, match="did you mean CAL_LIST_TEAMS"):
        three.filter(slugs=["CAL_LIST_TEAMS", "CAL_LIST_TEEMS"])


def test_an_unknown_resource_names_those_there_are(three: Catalog) -> None:
    with pytest.raises(ValueError, match="unknown resource 'booking': use one of bookings, teams"):
        three.filter(resource="booking")


def test_an_unknown_effect_names_those_there_are(three: Catalog) -> None:
    with pytest.raises(ValueError, match="unknown effect 'delete': use one of destructive, read"):
        three.filter(effect="delete")


def test_the_schemas_of_an_action_are_copies(three: Catalog) -> None:
    spec = three["CAL_LIST_TEAMS"]
    spec.input_schema["properties"]["take"]["type"] = "string"
    spec.output_schema["type"] = "array"
    assert spec.input_schema["properties"]["take"]["type"] == "integer"
    assert spec.output_schema == {"type": "object"}


def test_an_action_is_frozen(three: Catalog) -> None:
    with pytest.raises(AttributeError):
        three["CAL_LIST_TEAMS"].path = "/v2/others"


def test_it_shows_how_many_actions_it_has(three: Catalog) -> None:
    assert repr(three) == "<Catalog of 3 actions>"
