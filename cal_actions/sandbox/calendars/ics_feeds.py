"""POST /v2/calendars/ics-feed/save: calendars that are read from a url."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from cal_actions.sandbox.calendars.connections import connection_of
from cal_actions.sandbox.calendars.feeds import feed_name
from cal_actions.sandbox.calendars.providers import ICS_FEED
from cal_actions.sandbox.calendars.records import connect
from cal_actions.sandbox.calendars.routes import credential_view
from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.routing import route
from cal_actions.sandbox.rules import Rule, is_array, is_boolean


def _are_feeds(urls: Any) -> bool:
    return isinstance(urls, list) and all(_is_feed(url) for url in urls)


def _is_feed(url: Any) -> bool:
    try:
        parts = urlsplit(url)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.path.endswith(".ics")
        )
    except (AttributeError, TypeError, ValueError):
        return False


_SAVE = (
    Field(
        "urls",
        (
            Rule(
                "IsICSUrlConstraint",
                _are_feeds,
                "The URL must be a valid ICS URL (ending with .ics)",
            ),
            Rule(
                "arrayNotEmpty",
                lambda urls: isinstance(urls, list) and bool(urls),
                "{property} should not be empty",
            ),
            is_array(),
        ),
    ),
    optional(Field("readOnly", (is_boolean(),))),
)


@route("POST", "/v2/calendars/ics-feed/save")
def save_feeds(request: Request) -> Answer:
    """Connect feeds: one credential with a calendar for each url; every call adds another.

    Raises Refusal (400) when what stands at a url cannot be read.
    """
    given = request.body
    body = check({"readOnly": True, **given} if isinstance(given, dict) else given, _SAVE)
    for url in body["urls"]:
        feed_name(request.store, url)
    user = request.user
    credential_id = connect(
        request.store, ICS_FEED.type, ICS_FEED.app_id, user_id=user.id, key=body
    )
    credential = connection_of(request.store, user, credential_id).credential
    return success(credential_view(credential), 201)
