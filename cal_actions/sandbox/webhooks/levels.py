"""Whose a webhook can be, as data: a user's, an event type's, a team event type's, an
organization's, an OAuth client's. What is done with webhooks is the same for all; see routes.py.

The guards of a team's event types, and the refusals that were not recorded, are read in Cal.com's
source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cal_actions.sandbox import guards, refusals
from cal_actions.sandbox.event_types.records import event_type_by_id
from cal_actions.sandbox.exchange import Request
from cal_actions.sandbox.oauth_clients.guards import oauth_client
from cal_actions.sandbox.refusals import Refusal
from cal_actions.sandbox.teams.records import membership_of_user
from cal_actions.sandbox.webhooks.records import Webhook

Owner = int | str


@dataclass(frozen=True, slots=True)
class Level:
    """One kind of owner.

    `column` holds the owner, `word` names it in answers. `owner` is the guard: it gives the owner
    that the request is about, or refuses. `foreign` is the refusal of a webhook that has another
    owner. `called` is the owner's name in the 409 for a subscriber url that is taken.
    """

    path: str
    column: str
    word: str
    owner: Callable[[Request], Owner]
    foreign: Callable[[Request, Webhook], Refusal]
    called: str
    deletes_all: bool = False
    shows_every_column: bool = False


def _user(request: Request) -> Owner:
    return request.user.id


def _foreign_to_user(request: Request, webhook: Webhook) -> Refusal:
    return refusals.forbidden(
        f"IsUserWebhookGuard - user with id=({request.user.id}) is not the owner of webhook with "
        f"id=({webhook.id})"
    )


def _event_type(request: Request) -> Owner:
    event_type_id = request.number("eventTypeId")
    event_type = event_type_by_id(request.store, event_type_id)
    if event_type is None:
        raise refusals.not_found(
            f"IsUserEventTypeWebhookGuard - Event type ({event_type_id}) not found"
        )
    if event_type.user_id != request.user.id:
        raise refusals.forbidden(
            f"IsUserEventTypeWebhookGuard - User ({request.user.id}) is not the owner of event "
            f"type ({event_type_id})"
        )
    return event_type_id


def _foreign_to_event_type(request: Request, webhook: Webhook) -> Refusal:
    guard = f"IsUserEventTypeWebhookGuard - Webhook ({webhook.id}) is not associated with"
    if webhook.event_type_id is None:
        return refusals.bad_request(f"{guard} an event type")
    return refusals.forbidden(f"{guard} event type ({request.number('eventTypeId')})")


def _team_event_type(request: Request) -> Owner:
    team_id, event_type_id = request.number("teamId"), request.number("eventTypeId")
    membership = membership_of_user(request.store, team_id, request.user.id)
    if membership is None or not membership.accepted or membership.role == "MEMBER":
        raise refusals.forbidden(
            f"IsTeamEventTypeWebhookGuard - User ({request.user.id}) is not an admin/owner of "
            f"team ({team_id})"
        )
    event_type = event_type_by_id(request.store, event_type_id)
    if event_type is None or event_type.team_id != team_id:
        raise refusals.not_found(
            f"IsTeamEventTypeWebhookGuard - Event type ({event_type_id}) not found for team "
            f"({team_id})"
        )
    return event_type_id


def _foreign_to_team_event_type(_: Request, webhook: Webhook) -> Refusal:
    if webhook.event_type_id is None:
        return refusals.bad_request(
            f"IsTeamEventTypeWebhookGuard - Webhook ({webhook.id}) no event type"
        )
    return refusals.forbidden("IsTeamEventTypeWebhookGuard - Webhook mismatch with event type")


def _organization(request: Request) -> Owner:
    return guards.organization(request, "ORG_ADMIN").id


def _foreign_to_organization(request: Request, webhook: Webhook) -> Refusal:
    return refusals.forbidden(
        f"IsWebhookInOrg - webhook with id={webhook.id} is not part of the organization with "
        f"id={request.number('orgId')}."
    )


def _oauth_client(request: Request) -> Owner:
    return oauth_client(request, members=request.method == "GET").id


def _foreign_to_oauth_client(_: Request, __: Webhook) -> Refusal:
    return refusals.forbidden(
        "IsOAuthClientWebhookGuard - Webhook does not belong to this oAuthClient"
    )


LEVELS = (
    Level(
        "/v2/webhooks",
        "user_id",
        "userId",
        _user,
        _foreign_to_user,
        "user",
        shows_every_column=True,
    ),
    Level(
        "/v2/event-types/{eventTypeId}/webhooks",
        "event_type_id",
        "eventTypeId",
        _event_type,
        _foreign_to_event_type,
        "event type",
        deletes_all=True,
    ),
    Level(
        "/v2/teams/{teamId}/event-types/{eventTypeId}/webhooks",
        "event_type_id",
        "eventTypeId",
        _team_event_type,
        _foreign_to_team_event_type,
        "event type",
        deletes_all=True,
    ),
    Level(
        "/v2/organizations/{orgId}/webhooks",
        "team_id",
        "teamId",
        _organization,
        _foreign_to_organization,
        "user",
    ),
    Level(
        "/v2/oauth-clients/{clientId}/webhooks",
        "oauth_client_id",
        "oAuthClientId",
        _oauth_client,
        _foreign_to_oauth_client,
        "oAuth client",
        deletes_all=True,
    ),
)
"""Of an organization's webhooks, too, Cal.com says that a url is taken "for this user"."""
