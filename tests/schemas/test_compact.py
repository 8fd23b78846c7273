"""The offer for small prompts: it says less, and nothing false."""

import json
import re
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


def test_optional_objects_and_lists_of_objects_are_not_offered() -> None:
    whole = catalog["CAL_POST_NEW_BOOKING_REQUEST"].input_schema
    offer = compact("CAL_POST_NEW_BOOKING_REQUEST")["input_schema"]
    gone = {"bookingFieldsResponses", "location", "metadata", "routing"}
    assert names(whole) - names(offer) == gone
    assert offer["required"] == whole["required"]
    assert offer["properties"]["attendee"] == whole["properties"]["attendee"]


def test_required_objects_and_lists_of_objects_stay() -> None:
    offer = compact("CAL_CREATE_TEAM_EVENT_TYPE")["input_schema"]
    assert offer["properties"]["hosts"]["items"]["type"] == "object"
    assert not {"seats", "locations", "bookingFields"} & names(offer)


def test_inside_a_required_object_the_optional_ones_are_left_out_too() -> None:
    inner = {"b": {"type": "object"}, "c": {"type": "string"}, "d": {"$ref": "#/$defs/e"}}
    spec = made_up(a={"type": "object", "required": ["c"], "properties": inner})
    spec.input["$defs"] = {"e": {"type": "array", "items": {"type": "object"}}}
    (tool,) = schemas.export([spec], compact=True)
    assert tool["input_schema"] == {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "object", "required": ["c"], "properties": {"c": {"type": "string"}}}
        },
    }


def test_what_is_not_offered_can_still_be_sent() -> None:
    sent = {
        "eventTypeId": 1,
        "start": "2030-01-07T10:00:00Z",
        "attendee": {"name": "Ana", "email": "ana@example.com", "timeZone": "Europe/Madrid"},
        "metadata": {"note": "sent"},
    }
    with Connector.sandbox() as cal:
        booked = cal.execute("CAL_POST_NEW_BOOKING_REQUEST", sent)
    assert booked.data["metadata"] == {"note": "sent"}


def test_beyond_what_an_action_does_nothing_is_said_of_a_parameter_that_is_not_offered() -> None:
    wrong = []
    for slug, tool in offered("json-schema", False, True).items():
        offer = parameters(tool)
        gone = names(catalog[slug].input) - names(offer)
        _, _, more = tool["description"].partition(". ")
        texts = [more, *(node.get("description", "") for node in nodes(offer))]
        wrong += [
            (slug, name, text) for name in gone for text in texts if re.search(rf"\b{name}\b", text)
        ]
    assert wrong == []


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


def test_a_sentence_on_what_is_not_offered_goes() -> None:
    assert described("CAL_UPDATE_SCHEDULE_BY_ID") == "Changes one of the caller's schedules."
    spec = made_up(a={"type": "string", "description": "Beside b."}, b={"type": "object"})
    (tool,) = schemas.export([spec], "openai", compact=True)
    assert parameters(tool)["properties"] == {"a": {"type": "string"}}


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
    assert len(json.dumps(short)) < 0.95 * len(json.dumps(whole))
