"""Who may use an OAuth client: the guards before its managed users and its webhooks.

The recorded server has two of them, OAuthClientGuard and OrganizationRolesGuard, and asks them in
another order for managed users than for webhooks.
"""

from __future__ import annotations

from cal_actions.sandbox import refusals
from cal_actions.sandbox.exchange import Request
from cal_actions.sandbox.oauth_clients.records import OAuthClient, client_by_id
from cal_actions.sandbox.teams.records import membership_of_user, team_by_id

_ADMINS = ("ADMIN", "OWNER")
_MEMBERS = (*_ADMINS, "MEMBER")


def oauth_client(request: Request, *, members: bool = False) -> OAuthClient:
    """The OAuth client `{clientId}` for its webhooks; with `members`, for every member.

    Raises Refusal: 403 unless the caller is an admin or owner in a platform organization, then
    404 for an unknown client and 403 for one of another organization.
    """
    _check_role(request, _MEMBERS if members else _ADMINS)
    return _client_of_organization(request)


def oauth_client_of_users(request: Request) -> OAuthClient:
    """The OAuth client `{clientId}` for its managed users: first the client, then the role.

    Raises Refusal as `oauth_client` does.
    """
    client = _client_of_organization(request)
    _check_role(request, _ADMINS)
    return client


def _client_of_organization(request: Request) -> OAuthClient:
    organization_id = _organization_id(request)
    client_id = request.params["clientId"]
    if organization_id is None:
        raise refusals.forbidden("OAuthClientGuard - No organization associated with the user.")
    client = client_by_id(request.store, client_id)
    if client is None:
        raise refusals.not_found("OAuthClientGuard - OAuth client not found.")
    if client.organization_id != organization_id:
        raise refusals.forbidden(
            f"OAuthClientGuard - forbidden. oAuth client with id={client_id} does not belong to "
            f"the organization with id={organization_id}."
        )
    return client


def _check_role(request: Request, roles: tuple[str, ...]) -> None:
    organization_id = _organization_id(request)
    if organization_id is None:
        raise _refused("No organization associated with the user.")
    organization = team_by_id(request.store, organization_id)
    if organization is None or not organization.is_platform:
        raise _refused("Organization is not a platform (SHP).")
    membership = membership_of_user(request.store, organization_id, request.user.id)
    if membership is None or not membership.accepted:
        raise _refused("User has not accepted membership in the organization.")
    if membership.role not in roles:
        raise _refused(f"User must have one of the roles: {', '.join(roles)}.")


def _organization_id(request: Request) -> int | None:
    if request.client is not None:
        return request.client.organization_id
    organization = request.user.organization
    return None if organization is None else organization.id


def _refused(reason: str) -> refusals.Refusal:
    return refusals.forbidden(f"OrganizationRolesGuard - {reason}")
