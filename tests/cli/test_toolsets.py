"""`cal-actions toolsets`, piped and on a terminal."""

import json

from cal_actions import catalog, schemas


def test_every_toolset_is_listed_with_its_actions(invoke):
    listed = json.loads(invoke("toolsets").stdout)
    assert {one["name"]: (one["description"], tuple(one["actions"])) for one in listed} == {
        name: tuple(toolset) for name, toolset in catalog.toolsets.items()
    }


def test_a_toolset_tells_what_it_costs_in_full_and_compact(invoke):
    listed = {one["name"]: one for one in json.loads(invoke("toolsets").stdout)}
    tools = schemas.export(catalog.filter(toolset="scheduling"), "anthropic", compact=True)
    assert listed["scheduling"]["compact_tokens"] == schemas.estimate_tokens(tools)
    assert all(one["compact_tokens"] < one["tokens"] for one in listed.values())
