"""Resources: the catalogue and the page of each action."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from mcp import Client
from mcp_types import INVALID_PARAMS, CompleteResult, ResourceTemplateReference

from cal_actions import catalog
from tests.mcp.serving import ERAS, client, refusal


def asked(question: Callable[[Client], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    async def ask() -> Any:
        async with client(**options) as connected:
            return await question(connected)

    return asyncio.run(ask())


def page(uri: str, **options: Any) -> str:
    (content,) = asked(lambda connected: connected.read_resource(uri), **options).contents
    assert content.mime_type == "text/markdown"
    text: str = content.text
    return text


@pytest.mark.parametrize("mode", ERAS)
def test_the_catalogue_and_each_action_are_listed(mode: str) -> None:
    listed = asked(lambda connected: connected.list_resources(), mode=mode).resources
    assert [resource.uri for resource in listed] == [
        "cal-actions://catalog",
        *(f"cal-actions://actions/{slug}" for slug in catalog),
    ]


def test_every_page_that_is_listed_can_be_read() -> None:
    async def read(connected: Client) -> list[str]:
        listed = await connected.list_resources()
        return [
            (await connected.read_resource(one.uri)).contents[0].text for one in listed.resources
        ]

    pages = asked(read)
    assert all(pages)
    assert len(pages) == 142


def test_the_catalogue_names_every_action_with_its_effect() -> None:
    text = page("cal-actions://catalog")
    missing = [
        slug
        for slug, spec in catalog.items()
        if f"| {slug} | {spec.effect} | {spec.title} |" not in text
    ]
    assert missing == []


def test_the_page_of_an_action_tells_what_it_does_and_takes() -> None:
    text = page("cal-actions://actions/CAL_CANCEL_BOOKING_VIA_UID")
    spec = catalog["CAL_CANCEL_BOOKING_VIA_UID"]
    for part in (spec.title, spec.description, "destructive", '"bookingUid"', spec.path):
        assert part in text


def test_pages_tell_what_the_policy_leaves() -> None:
    text = page("cal-actions://catalog", read_only=True)
    assert "CAL_FETCH_ALL_BOOKINGS" in text
    assert "CAL_CANCEL_BOOKING_VIA_UID" not in text


@pytest.mark.parametrize(
    "uri",
    [
        "cal-actions://actions/CAL_CREATE_BOOKING",
        "cal-actions://actions/",
        "cal-actions://actions/../catalog",
        "cal-actions://nothing",
        "file:///etc/passwd",
        "",
    ],
)
@pytest.mark.parametrize("mode", ERAS)
def test_there_is_no_other_resource(uri: str, mode: str) -> None:
    error = asked(lambda connected: refusal(connected.read_resource(uri)), mode=mode)
    assert (error.code, error.message) == (INVALID_PARAMS, "There is no such resource.")


def completed(begun: str) -> CompleteResult:
    (template,) = asked(lambda connected: connected.list_resource_templates()).resource_templates
    reference = ResourceTemplateReference(uri=template.uri_template)
    result: CompleteResult = asked(
        lambda connected: connected.complete(reference, {"name": "slug", "value": begun})
    )
    return result


def test_a_slug_is_completed() -> None:
    assert completed("cal_fetch_all").completion.values == ["CAL_FETCH_ALL_BOOKINGS"]


def test_words_are_completed_to_the_actions_that_they_find() -> None:
    assert completed("cancel booking").completion.values[0] == "CAL_CANCEL_BOOKING_VIA_UID"


def test_more_completions_than_the_protocol_allows_are_told_to_be_more() -> None:
    completion = completed("CAL_").completion
    assert (len(completion.values), completion.total, completion.has_more) == (100, 141, True)
