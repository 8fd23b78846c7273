"""The round trip to another service that asks the user's consent (OAuth 2).

A `state` travels along: it names the user by the token that asked, and where to go afterwards. The
sandbox goes nowhere; whoever has a state may come back with any code.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from cal_actions.sandbox.exchange import Request
from cal_actions.sandbox.store import Store
from cal_actions.sandbox.users.records import User, user_by_id

CLIENT_ID = "cal-sandbox"
MICROSOFT = "https://login.microsoftonline.com/common/oauth2/v2.0/authorize"


def consent_url(address: str, parameters: dict[str, str]) -> str:
    """Where the user is sent to consent."""
    return f"{address}?{urlencode(parameters, quote_via=quote, safe='')}"


def state_text(words: dict[str, Any]) -> str:
    """The state as JSON; words without a value (None) are left out."""
    told = {name: value for name, value in words.items() if value is not None}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def callback_url(request: Request, path: str) -> str:
    """Where the other service sends the user back to: a path of this server."""
    return f"http://{host(request)}{path}"


def host(request: Request) -> str:
    """Under which name the caller reached this server."""
    return request.headers.get("host", "localhost")


def query_text(request: Request, name: str) -> str | None:
    """A query value, the first of several, or None."""
    value = request.query.get(name)
    return value[0] if isinstance(value, list) else value


def user_of_state(store: Store, token: Any) -> User | None:
    """Whom the token of a state stands for; as on Cal.com only managed users, no API keys."""
    if not isinstance(token, str):
        return None
    # JSON can hold half a character, the database cannot.
    storable = token.encode("utf-8", "replace").decode()
    row = store.one("SELECT user_id FROM access_tokens WHERE token = ?", storable)
    return None if row is None else user_by_id(store, row["user_id"])
