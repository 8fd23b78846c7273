"""/v2/provider/{clientId}: does an OAuth client exist, is an access token valid."""

from __future__ import annotations

from cal_actions.sandbox.exchange import Answer, Request, success
from cal_actions.sandbox.oauth_clients.records import client_by_id
from cal_actions.sandbox.refusals import Refusal
from cal_actions.sandbox.routing import route


@route("GET", "/v2/provider/{clientId}")
def get_provider(request: Request) -> Answer:
    """The client's name and organization, for anyone; an unknown client is a 401 (as recorded)."""
    client = client_by_id(request.store, request.params["clientId"])
    if client is None:
        raise _unknown_client()
    return success(
        {
            "clientId": client.id,
            "organizationId": client.organization_id,
            "name": client.name,
        }
    )


@route("GET", "/v2/provider/{clientId}/access-token")
def verify_access_token(_: Request) -> Answer:
    """Says that the credentials which were sent are valid; the client is not compared with them."""
    return Answer({"status": "success"})


def _unknown_client() -> Refusal:
    message = "Unauthorized"
    details = {"message": message, "statusCode": 401}
    error = {"code": "UnauthorizedException", "message": message, "details": details}
    return Refusal(401, message, error)
