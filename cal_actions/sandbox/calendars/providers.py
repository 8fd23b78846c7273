"""The kinds of calendars that can be connected: Google, Office 365, Apple and ICS feeds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cal_actions.sandbox import refusals

_OF_AN_ACCOUNT = {
    "installed": False,
    "category": "calendar",
    "url": "https://cal.com/",
    "isOAuth": True,
}


@dataclass(frozen=True, slots=True)
class Provider:
    """One kind of calendar.

    `slug` names it in paths, `type` in credentials, `called` in refusals; `title` is its name in
    answers, `directory` where its logo lies, `more` what its entry has beyond that of a feed.
    """

    slug: str
    type: str
    app_id: str
    called: str
    title: str
    directory: str
    more: dict[str, Any]

    def integration(self) -> dict[str, Any]:
        """What GET /v2/calendars says of it, as recorded for Google Calendar and ICS feeds."""
        return {
            "appData": None,
            "dirName": self.directory,
            "__template": "",
            "name": self.title,
            "title": self.title,
            "slug": self.app_id,
            "type": self.type,
            "logo": f"/app-store/{self.directory}/icon.svg",
            "variant": "calendar",
            "categories": ["calendar"],
            "publisher": "Cal.com",
            "email": "help@cal.com",
            "description": f"Calendars of {self.title}.",
            "locationOption": None,
            **self.more,
        }


GOOGLE = Provider(
    slug="google",
    type="google_calendar",
    app_id="google-calendar",
    called="google_calendar",
    title="Google Calendar",
    directory="googlecalendar",
    more={**_OF_AN_ACCOUNT, "delegationCredential": {"workspacePlatformSlug": "google"}},
)
OFFICE365 = Provider(
    slug="office365",
    type="office365_calendar",
    app_id="office365-calendar",
    called="office_365_calendar",
    title="Outlook Calendar",
    directory="office365calendar",
    more=_OF_AN_ACCOUNT,
)
APPLE = Provider(
    slug="apple",
    type="apple_calendar",
    app_id="apple-calendar",
    called="apple calendar",
    title="Apple Calendar",
    directory="applecalendar",
    more={**_OF_AN_ACCOUNT, "isOAuth": False},
)
ICS_FEED = Provider(
    slug="ics-feed",
    type="ics-feed_calendar",
    app_id="ics-feed",
    called="Ics Feed calendar",
    title="ICS Feed",
    directory="ics-feedcalendar",
    more={"isTemplate": False},
)
BY_CONSENT = (GOOGLE, OFFICE365)
WITH_ACCOUNT = (*BY_CONSENT, APPLE)
BY_TYPE = {one.type: one for one in (*WITH_ACCOUNT, ICS_FEED)}


def provider_of(slug: str, allowed: Iterable[Provider]) -> Provider:
    """The provider that a path names. Raises Refusal (400) when it is none of those allowed."""
    for one in allowed:
        if one.slug == slug:
            return one
    raise refusals.bad_request("Invalid calendar type, available calendars are: ")
