"""What the bodies about teams and their memberships may hold, in every version."""

from __future__ import annotations

import re
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check, optional, with_defaults
from cal_actions.sandbox.rules import (
    Rule,
    is_boolean,
    is_enum,
    is_int,
    is_object,
    is_string,
    matches,
)
from cal_actions.sandbox.teams.records import ROLES

NEW_TEAM = {
    "hideBranding": False,
    "timeZone": "Europe/London",
    "weekStart": "Sunday",
    "autoAcceptCreator": True,
}
"""What a new team gets for fields that are left out (as recorded)."""

NEW_MEMBERSHIP = {"accepted": False, "role": "MEMBER", "disableImpersonation": False}
"""What a new membership gets for fields that are left out (as recorded)."""

_URL = re.compile(
    r"((https?|ftp)://)?([^\s/@]+@)?([\w-]+\.)+[^\W\d_]{2,}(:\d{1,5})?([/?#]\S*)?", re.IGNORECASE
)
_NAME = Field(
    "name",
    (
        Rule(
            "isLength",
            lambda value: isinstance(value, str) and value != "",
            "{property} must be longer than or equal to 1 characters",
        ),
        is_string(),
    ),
)


def _is_url() -> Rule:
    return matches(_URL, "{property} must be a URL address", name="isUrl")


def _is_metadata() -> Rule:
    return Rule(
        "ValidateMetadata",
        _fits_metadata,
        "{property} must be an object with up to 50 keys, each key name up to 40 characters, and "
        "values with a maximum length of 500 characters.",
    )


def _fits_metadata(metadata: Any) -> bool:
    if not isinstance(metadata, dict) or len(metadata) > 50:
        return False
    return all(len(name) <= 40 and _is_flat(value) for name, value in metadata.items())


def _is_flat(value: Any) -> bool:
    return len(value) <= 500 if isinstance(value, str) else isinstance(value, bool | int | float)


_TEAM = (
    _NAME,
    *(optional(Field(name, (is_string(),))) for name in ("slug", "bio")),
    *(
        optional(Field(name, (_is_url(),)))
        for name in ("logoUrl", "calVideoLogo", "appLogo", "appIconLogo", "bannerUrl")
    ),
    *(
        optional(Field(name, (is_boolean(),), nullable=False))
        for name in ("hideBranding", "isPrivate", "hideBookATeamMember")
    ),
    optional(Field("metadata", (_is_metadata(), is_object()), nullable=False)),
    *(
        optional(Field(name, (is_string(),)))
        for name in ("theme", "brandColor", "darkBrandColor", "timeFormat")
    ),
    *(optional(Field(name, (is_string(),), nullable=False)) for name in ("timeZone", "weekStart")),
)
_CREATED_TEAM = (*_TEAM, optional(Field("autoAcceptCreator", (is_boolean(),))))
_CHANGED_TEAM = (
    *_TEAM,
    optional(Field("bookingLimits", (is_string(),), nullable=False)),
    optional(Field("includeManagedEventsInLimits", (is_boolean(),), nullable=False)),
)
_CHANGED_MEMBERSHIP = (
    optional(Field("accepted", (is_boolean(),), nullable=False)),
    optional(Field("role", (is_enum(ROLES),), nullable=False)),
    optional(Field("disableImpersonation", (is_boolean(),), nullable=False)),
)
_CREATED_MEMBERSHIP = (Field("userId", (is_int(),)), *_CHANGED_MEMBERSHIP)


def read_new_team(body: Any) -> dict[str, Any]:
    """The body of a POST that creates a team, with the defaults. Raises Refusal (400)."""
    return _refuse_time_format(check(with_defaults(body, NEW_TEAM), _CREATED_TEAM))


def read_changed_team(body: Any) -> dict[str, Any]:
    """The body of a PATCH of a team, which has to name it (as recorded). Raises Refusal (400)."""
    return _refuse_time_format(check(body, _CHANGED_TEAM))


def read_new_membership(body: Any) -> dict[str, Any]:
    """The body of a POST that creates a membership, with the defaults. Raises Refusal (400)."""
    return check(with_defaults(body, NEW_MEMBERSHIP), _CREATED_MEMBERSHIP)


def read_changed_membership(body: Any) -> dict[str, Any]:
    """The body of a PATCH of a membership. Raises Refusal (400)."""
    return check(body, _CHANGED_MEMBERSHIP)


def _refuse_time_format(body: dict[str, Any]) -> dict[str, Any]:
    # Cal.com checks it as a text and keeps it as a number: no value comes through.
    if body.get("timeFormat") is None:
        return body
    message = "timeFormat cannot be set: leave it out"
    raise refusals.breaks(refusals.bad_request(message), wrapped=True)
