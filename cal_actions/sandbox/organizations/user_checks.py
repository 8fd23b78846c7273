"""The bodies that an organization's users are made and changed with."""

from __future__ import annotations

import re
from typing import Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.checks import Field, check, optional, with_defaults
from cal_actions.sandbox.exchange import Request
from cal_actions.sandbox.rules import (
    Rule,
    at_least,
    is_boolean,
    is_email,
    is_enum,
    is_in,
    is_int,
    is_number,
    is_object,
    is_string,
    matches,
)
from cal_actions.sandbox.teams.records import ROLES

_BREAKING = ("timeZone", "weekday")
# fmt: off
_LOCALES = (
    "en", "fr", "it", "ru", "es", "de", "pt", "ro", "nl", "pt-BR", "ko", "ja", "pl", "ar", "iw",
    "zh-CN", "zh-TW", "cs", "sr", "sv", "vi", "bn",
)
# fmt: on
_HEX_COLOR = re.compile(r"#?([0-9A-F]{3,4}|[0-9A-F]{6}|[0-9A-F]{8})", re.IGNORECASE)
_IMAGE = re.compile(
    r"data:image/[^;]+;base64,([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
)


def _validator(name: str, values: tuple[Any, ...], message: str) -> Rule:
    return Rule(name, is_in(values).test, message)


_COLOR = matches(_HEX_COLOR, "{property} must be a hexadecimal color", name="isHexColor")
_AVATAR = matches(_IMAGE, "avatarUrl must be a base64 encoded image", name="avatarValidator")
_THEME = _validator("themeValidator", ("dark", "light"), "Please include either 'dark' or 'light")
_TIME_FORMAT = _validator("timeFormatValidator", (12, 24), "Please include either 12 or 24")
_LOCALE = _validator("localeValidator", _LOCALES, "Please include a valid locale")
_SETTINGS = tuple(
    optional(one)
    for one in (
        Field("username", (is_string(),), nullable=False),
        Field("brandColor", (_COLOR,)),
        Field("bio", (is_string(),)),
        Field("metadata", (is_object(),)),
        Field("darkBrandColor", (_COLOR,)),
        Field("hideBranding", (is_boolean(),), nullable=False),
        Field("theme", (_THEME, is_string())),
        Field("appTheme", (_THEME, is_string())),
        Field("timeFormat", (_TIME_FORMAT, is_number()), nullable=False),
        Field("defaultScheduleId", (at_least(0), is_int())),
        Field("avatarUrl", (_AVATAR, is_string())),
    )
)
_EMAIL = Field("email", (is_email(),), nullable=False)
_CREATE = (
    _EMAIL,
    *_SETTINGS,
    optional(Field("locale", (is_string(),))),
    optional(Field("organizationRole", (is_enum(ROLES),), nullable=False)),
    optional(Field("autoAccept", (is_boolean(),), nullable=False)),
)
_UPDATE = (optional(_EMAIL), *_SETTINGS, optional(Field("locale", (_LOCALE, is_string()))))


def read_creation(request: Request) -> dict[str, Any]:
    """The checked body of a new user, with the defaults of what it leaves out."""
    _refuse_breaking(request)
    defaults = {"organizationRole": "MEMBER", "autoAccept": True}
    return check(_lowered(with_defaults(request.body, defaults)), _CREATE)


def read_changes(request: Request) -> dict[str, Any]:
    """The checked body of a change to a user."""
    _refuse_breaking(request)
    return check(_lowered(request.body), _UPDATE)


def _refuse_breaking(request: Request) -> None:
    """The recorded server breaks (500) at these fields, though its document names them."""
    body = request.body if isinstance(request.body, dict) else {}
    for name in _BREAKING:
        if body.get(name) is not None:
            raise refusals.breaks(
                refusals.bad_request(
                    f"{name} cannot be set here, Cal.com breaks at it. Leave it out; the user "
                    "sets it with PATCH /v2/me."
                )
            )


def _lowered(body: Any) -> Any:
    """Cal.com keeps email addresses and usernames in small letters."""
    if not isinstance(body, dict):
        return body
    names = (name for name in ("email", "username") if isinstance(body.get(name), str))
    return body | {name: body[name].lower() for name in names}
