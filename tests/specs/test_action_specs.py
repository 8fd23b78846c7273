"""What every action file has to say, beyond what the vocabulary can demand of it."""

import pytest

from cal_actions import catalog
from cal_actions.placement import placements

QUERY_ARRAYS = [
    (slug, name)
    for slug, spec in catalog.items()
    for name, place in placements(spec).items()
    if place.location == "query" and spec.input["properties"][name].get("type") == "array"
]
SECRETS = {"secret", "password", "calApiKey", "refreshToken", "code", "state"}


@pytest.mark.parametrize(("slug", "name"), QUERY_ARRAYS)
def test_an_array_in_the_query_states_how_it_is_written(slug: str, name: str) -> None:
    assert "explode" in catalog[slug].wire[name]


@pytest.mark.parametrize("slug", catalog)
def test_a_secret_is_marked_so_that_no_error_echoes_it(slug: str) -> None:
    properties = catalog[slug].input["properties"]
    marked = {name for name, schema in properties.items() if schema.get("format") == "password"}
    assert marked == SECRETS & properties.keys()


@pytest.mark.parametrize("slug", [slug for slug, spec in catalog.items() if spec.effect == "read"])
def test_an_action_that_only_reads_is_idempotent(slug: str) -> None:
    assert catalog[slug].idempotent


@pytest.mark.parametrize(
    "slug", [slug for slug, spec in catalog.items() if spec.method == "DELETE"]
)
def test_an_action_that_deletes_is_destructive(slug: str) -> None:
    assert catalog[slug].effect == "destructive"
