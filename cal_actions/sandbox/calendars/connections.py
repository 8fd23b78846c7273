"""The calendars a user has connected, with those that are selected and the one written to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cal_actions.sandbox import refusals
from cal_actions.sandbox.calendars.feeds import feed_name
from cal_actions.sandbox.calendars.providers import BY_TYPE, ICS_FEED, Provider
from cal_actions.sandbox.calendars.records import Credential, credentials_of_user
from cal_actions.sandbox.exchange import timestamp

if TYPE_CHECKING:
    import sqlite3

    from cal_actions.sandbox.store import Store
    from cal_actions.sandbox.users.records import User

BROKEN = "Could not get connected calendars"


@dataclass(frozen=True, slots=True)
class Calendar:
    """One calendar behind a credential; `email` is the account's, a feed has none."""

    credential_id: int
    integration: str
    external_id: str
    name: str
    read_only: bool
    email: str | None

    def listed(self) -> dict[str, Any]:
        """As its provider lists it; recorded for feeds, read in the API document for accounts."""
        told = {"name": self.name, "readOnly": self.read_only, "externalId": self.external_id}
        if self.email is None:
            return {**told, "integrationName": self.integration}
        return {**told, "integration": self.integration, "primary": True, "email": self.email}


@dataclass(frozen=True, slots=True)
class Connection:
    """A credential with its calendars: none where it no longer works."""

    credential: Credential
    provider: Provider
    calendars: tuple[Calendar, ...]

    def calendar(self, external_id: str) -> Calendar | None:
        """Its calendar with this id, or None."""
        return next((one for one in self.calendars if one.external_id == external_id), None)


def connections_of(store: Store, user: User) -> list[Connection]:
    """Everything the user has connected, ordered by credential."""
    return [
        Connection(one, BY_TYPE[one.type], () if one.invalid else _calendars(store, user, one))
        for one in credentials_of_user(store, user.id, BY_TYPE)
    ]


def connection_of(store: Store, user: User, credential_id: int) -> Connection:
    """The user's connection through this credential. Raises Refusal (404) when there is none."""
    for one in connections_of(store, user):
        if one.credential.id == credential_id:
            return one
    raise refusals.not_found(f"Calendar credentials with id {credential_id} not found")


def is_selected(store: Store, calendar: Calendar) -> bool:
    """Whether the calendar's events make its owner busy."""
    sql = "SELECT 1 FROM selected_calendars WHERE credential_id = ? AND external_id = ?"
    return store.one(sql, calendar.credential_id, calendar.external_id) is not None


def view(store: Store, connection: Connection) -> dict[str, Any]:
    """A connection as GET /v2/calendars shows one."""
    shown = {
        "integration": connection.provider.integration(),
        "credentialId": connection.credential.id,
        "delegationCredentialId": None,
    }
    if connection.credential.invalid:
        return {**shown, "error": {"message": BROKEN}}
    calendars = [_calendar_view(store, one) for one in connection.calendars]
    return {**shown, "primary": calendars[0], "calendars": calendars}


def set_destination(store: Store, user: User, calendar: Calendar | None, now: datetime) -> None:
    """Let the user's bookings be written to this calendar; None names no calendar."""
    columns: dict[str, Any] = {"credential_id": None, "integration": "", "external_id": ""}
    if calendar is not None:
        columns = {
            "credential_id": calendar.credential_id,
            "integration": calendar.listed().get("integration", ""),
            "external_id": calendar.external_id,
        }
    row = _destination_row(store, user)
    if row is None:
        made = {"created_at": timestamp(now), "updated_at": timestamp(now)}
        store.insert("destination_calendars", user_id=user.id, **columns, **made)
    else:
        store.update("destination_calendars", row["id"], **columns, updated_at=timestamp(now))


def destination_view(
    store: Store, user: User, connections: list[Connection], now: datetime
) -> dict[str, Any]:
    """The calendar that bookings are written to, as GET /v2/calendars shows it.

    As on the recorded server the first look chooses the first calendar where none is chosen, or
    the chosen one is gone; without a connection there is none.
    """
    if not connections:
        store.run("DELETE FROM destination_calendars WHERE user_id = ?", user.id)
        return {}
    row = _destination_row(store, user)
    calendars = [calendar for one in connections for calendar in one.calendars]
    chosen = next((one for one in calendars if row is not None and _is_of(row, one)), None)
    if row is None or (chosen is None and (calendars or row["credential_id"] is not None)):
        chosen = calendars[0] if calendars else None
        set_destination(store, user, chosen, now)
        row = _destination_row(store, user)
    assert row is not None
    return _destination_view(row, chosen)


def _calendars(store: Store, user: User, credential: Credential) -> tuple[Calendar, ...]:
    if credential.type == ICS_FEED.type:
        read_only = credential.key.get("readOnly") is not False
        return tuple(
            Calendar(credential.id, credential.type, url, feed_name(store, url), read_only, None)
            for url in credential.key.get("urls", ())
        )
    account = credential.key.get("username", user.email)
    return (Calendar(credential.id, credential.type, account, account, False, account),)


def _calendar_view(store: Store, calendar: Calendar) -> dict[str, Any]:
    return {
        "primary": None,
        **calendar.listed(),
        "isSelected": is_selected(store, calendar),
        "credentialId": calendar.credential_id,
        "delegationCredentialId": None,
    }


def _destination_row(store: Store, user: User) -> sqlite3.Row | None:
    return store.one("SELECT * FROM destination_calendars WHERE user_id = ?", user.id)


def _is_of(row: sqlite3.Row, calendar: Calendar) -> bool:
    chosen = (row["credential_id"], row["external_id"])
    return chosen == (calendar.credential_id, calendar.external_id)


def _destination_view(row: sqlite3.Row, calendar: Calendar | None) -> dict[str, Any]:
    shown = {
        "id": row["id"],
        "integration": row["integration"],
        "externalId": row["external_id"],
        "userId": row["user_id"],
        "eventTypeId": None,
        "credentialId": row["credential_id"],
        "createdAt": row["created_at"],
        "updatedAt": row["updated_at"] or row["created_at"],
        "delegationCredentialId": None,
        "domainWideDelegationCredentialId": None,
    }
    if calendar is None:
        return {**shown, "primaryEmail": None}
    if calendar.email is not None:
        shown["primaryEmail"] = calendar.email
    title = BY_TYPE[calendar.integration].title
    return {**shown, **calendar.listed(), "integrationTitle": title}
