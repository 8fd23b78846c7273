"""`cal-actions list`, piped."""

import json

from cal_actions import catalog


def test_every_action_is_listed(invoke):
    listed = json.loads(invoke("list").stdout)
    assert [one["slug"] for one in listed] == list(catalog)


def test_a_listed_action_tells_what_it_does(invoke):
    listed = {one["slug"]: one for one in json.loads(invoke("list").stdout)}
    spec = catalog["CAL_FETCH_ALL_BOOKINGS"]
    assert listed[spec.slug] == {
        "slug": spec.slug,
        "title": "Fetch all bookings",
        "description": spec.description,
        "resource": "bookings",
        "effect": "read",
        "idempotent": True,
    }


def test_a_list_of_one_resource_holds_its_actions_only(invoke):
    listed = json.loads(invoke("list", "--resource", "bookings").stdout)
    assert {one["resource"] for one in listed} == {"bookings"}
    assert [one["slug"] for one in listed] == list(catalog.filter(resource="bookings"))


def test_a_list_of_one_effect_holds_its_actions_only(invoke):
    listed = json.loads(invoke("list", "--effect", "write").stdout)
    assert [one["slug"] for one in listed] == list(catalog.filter(effect="write"))


def test_resource_and_effect_narrow_the_list_together(invoke):
    listed = json.loads(invoke("list", "--resource", "bookings", "--effect", "read").stdout)
    assert [one["slug"] for one in listed] == list(
        catalog.filter(resource="bookings", effect="read")
    )


def test_a_list_of_a_toolset_holds_its_actions_in_its_order(invoke):
    listed = json.loads(invoke("list", "--toolset", "scheduling").stdout)
    assert [one["slug"] for one in listed] == list(catalog.toolsets["scheduling"].slugs)


def test_conditions_that_exclude_each_other_list_nothing(invoke):
    result = invoke("list", "--resource", "stripe", "--toolset", "scheduling")
    assert json.loads(result.stdout) == []


def test_an_unknown_resource_is_wrong_usage_and_names_the_closest(invoke):
    result = invoke("list", "--resource", "booking")
    assert result.exit_code == 2
    assert "There is no resource 'booking': did you mean bookings?" in result.stderr


def test_a_resource_like_no_other_is_answered_with_all_of_them(invoke):
    result = invoke("list", "--resource", "zzzz")
    assert result.exit_code == 2
    assert "use one of" in result.stderr
    assert "bookings" in result.stderr


def test_an_unknown_effect_is_wrong_usage_and_names_the_known_ones(invoke):
    result = invoke("list", "--effect", "reads")
    assert result.exit_code == 2
    assert "'read', 'write', 'destructive'" in result.stderr
