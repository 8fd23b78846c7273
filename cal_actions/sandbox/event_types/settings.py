"""The settings of an event type: every key of the answer that no column holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DISABLED = {"disabled": True}
DEFAULTS: Mapping[str, Any] = {
    "description": "",
    "locations": [{"type": "integration", "integration": "cal-video"}],
    "bookingFields": [],
    "recurrence": None,
    "disableGuests": False,
    "slotInterval": None,
    "minimumBookingNotice": 120,
    "beforeEventBuffer": 0,
    "afterEventBuffer": 0,
    "metadata": {},
    "price": 0,
    "currency": "usd",
    "lockTimeZoneToggleOnBookingPage": False,
    "forwardParamsSuccessRedirect": True,
    "successRedirectUrl": None,
    "isInstantEvent": False,
    "onlyShowFirstAvailableSlot": False,
    "offsetStart": 0,
    "bookingWindow": _DISABLED,
    "confirmationPolicy": _DISABLED,
    "requiresBookerEmailVerification": False,
    "hideCalendarNotes": False,
    "seats": _DISABLED,
    "useDestinationCalendarEmail": False,
    "hideCalendarEventDetails": False,
    "hideOrganizerEmail": False,
    "calVideoSettings": None,
}
_EXTRAS = (
    "lengthInMinutesOptions",
    "bookingLimitsCount",
    "bookingLimitsDuration",
    "bookerLayouts",
    "color",
    "customName",
    "destinationCalendar",
)
SETTINGS = frozenset({*DEFAULTS, *_EXTRAS})
"""The names that `settings` may hold; those of `_EXTRAS` are shown only where they were set."""


def settings_from(body: Mapping[str, Any], before: Mapping[str, Any] = DEFAULTS) -> dict[str, Any]:
    """The settings after a POST or PATCH body is laid over those before."""
    given = {name: body[name] for name in SETTINGS if name in body}
    if "recurrence" in given:
        given["recurrence"] = _switched_on(given["recurrence"], off=None)
    if "seats" in given:
        given["seats"] = _switched_on(given["seats"], off=_DISABLED)
    return {**before, **given}


def _switched_on(value: Any, *, off: Any) -> Any:
    if not value or value.get("disabled"):
        return off
    return {"disabled": False, **value}
