"""Mia, a managed user of the built-in world's OAuth client, who comes with an access token."""

from typing import Any

MIA = "mias-token"
CLIENT = {"x-cal-client-id": "cal_sandbox_client", "x-cal-secret-key": "cal_sandbox_secret"}
USER: dict[str, Any] = {
    "id": 3,
    "username": "mia",
    "email": "mia@example.com",
    "oAuthClientId": "cal_sandbox_client",
}
TOKEN: dict[str, Any] = {
    "token": MIA,
    "userId": 3,
    "oAuthClientId": "cal_sandbox_client",
    "expiresAt": "2027-01-01T00:00:00.000Z",
}
