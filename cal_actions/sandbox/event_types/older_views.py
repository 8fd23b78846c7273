"""An event type as Cal.com's database words it, which versions before 2024-06-14 show."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cal_actions.sandbox.event_types.records import EventType

Shown = dict[str, Any]

SCHEDULING_TYPES = {
    "roundRobin": "ROUND_ROBIN",
    "collective": "COLLECTIVE",
    "managed": "MANAGED",
    None: None,
}
_SAME = (
    "metadata", "offsetStart", "lockTimeZoneToggleOnBookingPage", "requiresBookerEmailVerification",
    "disableGuests", "hideCalendarNotes", "minimumBookingNotice", "beforeEventBuffer",
    "afterEventBuffer", "onlyShowFirstAvailableSlot", "hideOrganizerEmail", "price", "currency",
    "slotInterval", "successRedirectUrl", "isInstantEvent", "hideCalendarEventDetails",
)  # fmt: skip
"""The settings that have the same name and value in every version."""

_UNSET: Shown = {
    "interfaceLanguage": None,
    "canSendCalVideoTranscriptionEmails": True,
    "requiresConfirmationForFreeEmail": False,
    "autoTranslateDescriptionEnabled": False,
    "position": 0,
    "timeZone": None,
    "lockedTimeZone": None,
    "disableCancelling": False,
    "disableRescheduling": False,
    "allowReschedulingCancelledBookings": False,
    "allowReschedulingPastBookings": False,
    "instantMeetingScheduleId": None,
    "instantMeetingExpiryTimeOffsetInSeconds": 90,
    "instantMeetingParameters": [],
    "isRRWeightsEnabled": False,
    "rescheduleWithSameRoundRobinHost": False,
    "secondaryEmailId": None,
    "rrSegmentQueryValue": None,
    "assignRRMembersUsingSegment": False,
    "maxLeadThreshold": None,
    "useEventLevelSelectedCalendars": False,
    "customReplyToEmail": None,
    "restrictionScheduleId": None,
    "useBookerTimezone": False,
}
"""What version 2024-06-14 cannot set."""

_INTEGRATIONS = {
    "cal-video": "integrations:daily",
    "google-meet": "integrations:google:meet",
    "office365-video": "integrations:office365_video",
    "zoom": "integrations:zoom",
}
_LOCATION_TYPES = {
    "address": "inPerson",
    "link": "link",
    "phone": "userPhone",
    "attendeeAddress": "attendeeInPerson",
    "attendeePhone": "phone",
    "attendeeDefined": "somewhereElse",
}
_FREQUENCIES = {"yearly": 0, "monthly": 1, "weekly": 2}


def columns(event_type: EventType) -> Shown:
    """The event type by itself, without its people."""
    settings = event_type.settings
    description = settings["description"] or None
    shown = {
        "id": event_type.id,
        "teamId": event_type.team_id,
        "userId": event_type.user_id,
        "parentId": event_type.parent_id,
        "schedulingType": SCHEDULING_TYPES[event_type.scheduling_type],
        "assignAllTeamMembers": event_type.assigns_all_team_members,
        "slug": event_type.slug,
        "title": event_type.title,
        "length": event_type.length_in_minutes,
        "hidden": event_type.hidden,
        "scheduleId": event_type.schedule_id,
        "description": description,
        "eventName": settings.get("customName"),
        "locations": [_location(one) for one in settings["locations"]],
        "bookingFields": _booking_fields(settings["bookingFields"]),
        "recurringEvent": _recurring_event(settings["recurrence"]),
        "useEventTypeDestinationCalendarEmail": settings["useDestinationCalendarEmail"],
        "bookingLimits": _limits(settings.get("bookingLimitsCount")),
        "durationLimits": _limits(settings.get("bookingLimitsDuration")),
        "eventTypeColor": _color(settings.get("color")),
        **{name: settings[name] for name in _SAME},
        **_confirmation(settings["confirmationPolicy"]),
        **_seats(settings["seats"]),
        **_period(settings["bookingWindow"]),
        **_UNSET,
    }
    if description is not None:
        shown["safeDescription"] = f"<p>{html.escape(description, quote=False)}</p>\n"
    return shown


def _is_on(setting: Mapping[str, Any] | None) -> bool:
    return bool(setting) and not (setting or {}).get("disabled")


def _location(location: Mapping[str, Any]) -> Shown:
    kind = location["type"]
    if kind == "integration":
        name = location["integration"]
        return {"type": _INTEGRATIONS.get(name, f"integrations:{name}")}
    given = {"hostPhoneNumber" if name == "phone" else name: location[name] for name in location}
    shown = {**given, "type": _LOCATION_TYPES.get(kind, kind)}
    if "public" in shown:
        shown["displayLocationPublicly"] = shown.pop("public")
    return shown


def _booking_fields(fields: list[Mapping[str, Any]]) -> list[Shown] | None:
    """The fields that were added; null where Cal.com's own are all there is (as recorded)."""
    added = [one for one in fields if not one.get("isDefault")]
    shown = [
        {
            **{name: one[name] for name in one if name not in ("slug", "isDefault")},
            "name": one.get("slug", one.get("type")),
            "editable": "user",
        }
        for one in added
    ]
    return shown or None


def _recurring_event(recurrence: Mapping[str, Any] | None) -> Shown | None:
    if recurrence is None:
        return None
    return {
        "freq": _FREQUENCIES[recurrence["frequency"]],
        "count": recurrence["occurrences"],
        "interval": recurrence["interval"],
    }


def _limits(limits: Mapping[str, Any] | None) -> Shown | None:
    if limits is None or not _is_on(limits):
        return None
    return {f"PER_{name.upper()}": limits[name] for name in limits if name != "disabled"}


def _color(color: Mapping[str, Any] | None) -> Shown | None:
    if color is None:
        return None
    return {
        "lightEventTypeColor": color["lightThemeHex"],
        "darkEventTypeColor": color["darkThemeHex"],
    }


def _confirmation(policy: Mapping[str, Any]) -> Shown:
    return {
        "requiresConfirmation": _is_on(policy),
        "requiresConfirmationWillBlockSlot": bool(policy.get("blockUnconfirmedBookingsInBooker")),
    }


def _seats(seats: Mapping[str, Any]) -> Shown:
    return {
        "seatsPerTimeSlot": seats.get("seatsPerTimeSlot"),
        "seatsShowAttendees": seats.get("showAttendeeInfo", False),
        "seatsShowAvailabilityCount": seats.get("showAvailabilityCount", True),
    }


def _period(window: Mapping[str, Any]) -> Shown:
    starts, ends, days, counts_every_day = None, None, None, None
    kind = "UNLIMITED"
    if _is_on(window) and window["type"] == "range":
        kind, (starts, ends) = "RANGE", window["value"]
    elif _is_on(window):
        kind = "ROLLING_WINDOW" if window.get("rolling") else "ROLLING"
        days, counts_every_day = window["value"], window["type"] == "calendarDays"
    return {
        "periodType": kind,
        "periodStartDate": starts,
        "periodEndDate": ends,
        "periodDays": days,
        "periodCountCalendarDays": counts_every_day,
    }
