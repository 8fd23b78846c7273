"""/v2/timezones."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest


@pytest.fixture
def cities(call: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = call("GET", "/v2/timezones", key=None).data
    return found


def test_a_city_is_named_in_words(cities: list[dict[str, Any]]) -> None:
    assert {"city": "New York", "timezone": "America/New_York", "pop": 0} in cities


def test_the_city_is_the_last_part_of_a_long_name(cities: list[dict[str, Any]]) -> None:
    named = {one["timezone"]: one["city"] for one in cities}
    assert named["America/Argentina/Buenos_Aires"] == "Buenos Aires"


def test_cities_are_ordered_by_their_time_zone(cities: list[dict[str, Any]]) -> None:
    zones = [one["timezone"] for one in cities if one["timezone"] is not None]
    assert len(zones) > 300
    assert zones == sorted(set(zones))


def test_every_time_zone_can_be_used(cities: list[dict[str, Any]]) -> None:
    zones = [one["timezone"] for one in cities if one["timezone"] is not None]
    assert [ZoneInfo(zone).key for zone in zones] == zones


def test_offsets_and_old_names_are_no_cities(cities: list[dict[str, Any]]) -> None:
    zones = {one["timezone"] for one in cities}
    assert zones.isdisjoint({"Etc/GMT+3", "UTC", "US/Eastern"})


def test_one_city_has_no_time_zone(cities: list[dict[str, Any]]) -> None:
    assert [one["city"] for one in cities if one["timezone"] is None] == ["Artigas Base"]


def test_the_key_makes_no_difference(call: Any, cities: list[dict[str, Any]]) -> None:
    assert call("GET", "/v2/timezones").data == cities
