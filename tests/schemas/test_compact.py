"""The offer for small prompts: it says less, and nothing false."""

import json
from typing import Any

import pytest

from cal_actions import Connector, catalog, schemas
from tests.schemas.offers import made_up, offered, parameters


def compact(slug: str) -> dict[str, Any]:
    (tool,) = schemas.export([catalog[slug]], compact=True)
    return tool


def described(slug: str) -> str:
    text: str = compact(slug)["description"]
    return text


def nodes(schema: dict[str, Any]) -> list[dict[str, Any]]:
    inner = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    inner += [schema["items"]] if "items" in schema else []
    return [schema, *(node for part in inner for node in nodes(part))]


def names(schema: dict[str, Any]) -> set[str]:
    return set(schema["properties"])


def test_optional_objects_and_lists_of_objects_lose_their_shape() -> None:
    whole = catalog["CAL_POST_NEW_BOOKING_REQUEST"].input_schema
    offer = compact("CAL_POST_NEW_BOOKING_REQUEST")["input_schema"]
    assert names(whole) == names(offer)
    assert offer["required"] == whole["required"]
    assert offer["properties"]["attendee"] == whole["properties"]["attendee"]
    assert offer["properties"]["location"] == {
        "type": "object",
        "description": whole["properties"]["location"]["description"],
    }
    hours = compact("CAL_UPDATE_SCHEDULE_BY_ID")["input_schema"]["properties"]["availability"]
    assert hours == {
        "type": "array",
        "items": {"type": "object"},
        "description": "Weekly hours; times are HH:MM.",
    }


def test_nothing_optional_has_a_nested_shape() -> None:
    for slug, tool in offered("json-schema", False, True).items():
        offer = parameters(tool)
        for name in names(offer) - {*offer.get("required", [])}:
            for node in nodes(offer["properties"][name]):
                assert "properties" not in node, (slug, name)


def test_strict_and_compact_leaves_out_what_has_no_shape() -> None:
    (tool,) = schemas.export(
        [catalog["CAL_POST_NEW_BOOKING_REQUEST"]], "openai", strict=True, compact=True
    )
    whole = names(catalog["CAL_POST_NEW_BOOKING_REQUEST"].input)
    gone = {"bookingFieldsResponses", "location", "metadata", "routing"}
    assert whole - names(parameters(tool)) == gone


def test_required_objects_and_lists_of_objects_stay() -> None:
    offer = compact("CAL_CREATE_TEAM_EVENT_TYPE")["input_schema"]
    assert offer["properties"]["hosts"]["items"]["properties"]["userId"] == {"type": "integer"}
    assert offer["properties"]["seats"]["type"] == "object"


def test_inside_a_required_object_and_inside_definitions_shapes_are_lost_too() -> None:
    inner = {"b": {"type": "object", "properties": {"x": {"type": "string"}}}}
    spec = made_up(
        a={"type": "object", "required": ["c"], "properties": {**inner, "c": {"type": "string"}}},
        d={"$ref": "#/$defs/e"},
    )
    spec.input["required"] = ["a", "d"]
    spec.input["$defs"] = {"e": {"type": "object", "properties": inner}}
    (tool,) = schemas.export([spec], compact=True)
    shapeless = {"b": {"type": "object"}}
    assert tool["input_schema"]["properties"] == {
        "a": {
            "type": "object",
            "required": ["c"],
            "properties": {**shapeless, "c": {"type": "string"}},
        },
        "d": {"$ref": "#/$defs/e"},
    }
    assert tool["input_schema"]["$defs"] == {"e": {"type": "object", "properties": shapeless}}


def test_what_is_best_left_out_is_not_offered() -> None:
    offer = compact("CAL_GET_AVAILABLE_SLOTS_INFO")["input_schema"]
    assert not {"eventTypeSlug", "usernameList", "orgSlug"} & names(offer)


def test_what_has_lost_its_shape_can_still_be_sent() -> None:
    sent = {
        "eventTypeId": 1,
        "start": "2030-01-07T10:00:00Z",
        "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"},
        "metadata": {"note": "sent"},
    }
    with Connector.sandbox() as cal:
        booked = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", sent)
    assert booked.data["metadata"] == {"note": "sent"}


def test_every_description_that_there_was_is_still_there_in_part() -> None:
    for slug, tool in offered("json-schema", False, True).items():
        whole = nodes(catalog[slug].input)
        assert tool["description"]
        for node in nodes(parameters(tool)):
            if "description" in node:
                assert any(
                    node["description"].rstrip(".") in one.get("description", "") for one in whole
                )


def test_a_sentence_that_tells_of_the_answer_of_a_read_goes() -> None:
    assert described("CAL_GET_TEAMS_LIST") == "Lists the teams that the caller belongs to."


def test_what_a_call_fails_without_and_where_ids_come_from_stays() -> None:
    assert "Take a free start from CAL_GET_AVAILABLE_SLOTS_INFO" in described(
        "CAL_POST_NEW_BOOKING_REQUEST"
    )
    assert "Needs username" in described("CAL_LIST_EVENT_TYPES")
    offer = compact("CAL_CHECK_TEAM_STRIPE_INTEGRATION_STATUS")["input_schema"]
    assert offer["properties"]["teamId"]["description"] == "From CAL_GET_TEAMS_LIST."


def test_what_else_a_write_does_stays_and_pointers_to_siblings_go() -> None:
    assert described("CAL_CANCEL_BOOKING_VIA_UID") == (
        "Cancels a booking for good and sends e-mails. A recurring series' uid cancels every "
        "occurrence and answers a list."
    )


def test_what_happens_without_a_parameter_stays() -> None:
    assert described("CAL_CREATE_USER_AVAILABILITY_SCHEDULE") == (
        "Creates a schedule: weekly hours in which the caller can be booked. Without availability "
        "it is Monday to Friday, 09:00 to 17:00."
    )


def test_an_example_does_not_end_a_sentence() -> None:
    spec = made_up(a={"type": "string", "description": "A zone."})
    spec.__dict__.update(effect="read", description="Takes a zone, e.g. Rome. Answers its hours.")
    (tool,) = schemas.export([spec], compact=True)
    assert tool["description"] == "Takes a zone, e.g. Rome."


@pytest.mark.parametrize("format_name", schemas.FORMATS)
def test_a_compact_offer_is_shorter_in_every_format(format_name: Any) -> None:
    whole = offered(format_name, False, False)
    short = offered(format_name, False, True)
    longer = [slug for slug in whole if len(json.dumps(short[slug])) > len(json.dumps(whole[slug]))]
    assert longer == []
    assert len(json.dumps(short)) < 0.97 * len(json.dumps(whole))
