"""What the bodies of the webhooks' routes may hold."""

from __future__ import annotations

from typing import Any

from cal_actions.sandbox.checks import Field, check, optional
from cal_actions.sandbox.rules import is_array, is_boolean, is_enum, is_string

TRIGGERS = (
    "BOOKING_CREATED",
    "BOOKING_PAYMENT_INITIATED",
    "BOOKING_PAID",
    "BOOKING_RESCHEDULED",
    "BOOKING_REQUESTED",
    "BOOKING_CANCELLED",
    "BOOKING_REJECTED",
    "BOOKING_NO_SHOW_UPDATED",
    "FORM_SUBMITTED",
    "MEETING_ENDED",
    "MEETING_STARTED",
    "RECORDING_READY",
    "INSTANT_MEETING",
    "RECORDING_TRANSCRIPTION_GENERATED",
    "OOO_CREATED",
    "AFTER_HOSTS_CAL_VIDEO_NO_SHOW",
    "AFTER_GUESTS_CAL_VIDEO_NO_SHOW",
    "FORM_SUBMITTED_NO_EVENT",
)
_NEW = (
    optional(Field("payloadTemplate", (is_string(),))),
    Field("active", (is_boolean(),), nullable=False),
    Field("subscriberUrl", (is_string(),), nullable=False),
    Field("triggers", (is_enum(TRIGGERS, each=True), is_array()), nullable=False),
    optional(Field("secret", (is_string(),))),
)
_CHANGE = tuple(optional(one) for one in _NEW)
_COLUMNS = {
    "payloadTemplate": "payload_template",
    "active": "active",
    "subscriberUrl": "subscriber_url",
    "triggers": "triggers",
    "secret": "secret",
}


def read_new(body: Any) -> dict[str, Any]:
    """The columns of a new webhook. Raises Refusal (400)."""
    return _columns(check(body, _NEW))


def read_change(body: Any) -> dict[str, Any]:
    """The columns to change; null clears the secret and the template. Raises Refusal (400)."""
    return _columns(check(body, _CHANGE))


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    return {column: body[name] for name, column in _COLUMNS.items() if name in body}
