"""A platform with two OAuth clients, its owner and a member; beside it, another organization."""

from typing import Any

from tests.sandbox.conftest import Caller, Told

OWNER, MEMBER, STRANGER, LONER = "cal_petra", "cal_milo", "cal_stella", "cal_lou"
CLIENT = {"x-cal-client-id": "client-one", "x-cal-secret-key": "secret-one"}
BARE_CLIENT = {"x-cal-client-id": "client-bare", "x-cal-secret-key": "secret-bare"}
USERS = "/v2/oauth-clients/client-one/users"
MONA = {"email": "mona@customer.example", "name": "Mona Managed"}


def _user(number: int, name: str) -> dict[str, Any]:
    key = {"key": f"cal_{name}"}
    return {
        "id": number,
        "username": name,
        "name": name.title(),
        "email": f"{name}@example.com",
        "apiKeys": [key],
    }


def _client(name: str, organization_id: int, permissions: list[str]) -> dict[str, Any]:
    return {
        "id": f"client-{name}",
        "secret": f"secret-{name}",
        "name": name.title(),
        "organizationId": organization_id,
        "permissions": permissions,
    }


WORLD = {
    "users": [_user(1, "petra"), _user(2, "milo"), _user(3, "stella"), _user(4, "lou")],
    "teams": [
        {"id": 1, "name": "Built", "slug": "built", "isOrganization": True, "isPlatform": True},
        {"id": 2, "name": "Acme", "slug": "acme", "isOrganization": True},
        {"id": 3, "name": "Rival", "slug": "rival", "isOrganization": True, "isPlatform": True},
    ],
    "memberships": [
        {"teamId": 1, "userId": 1, "role": "OWNER", "accepted": True},
        {"teamId": 1, "userId": 2, "role": "MEMBER", "accepted": True},
        {"teamId": 2, "userId": 3, "role": "OWNER", "accepted": True},
    ],
    "profiles": [
        {"userId": 1, "organizationId": 1, "username": "petra"},
        {"userId": 2, "organizationId": 1, "username": "milo"},
        {"userId": 3, "organizationId": 2, "username": "stella"},
    ],
    "oAuthClients": [
        _client(
            "one",
            1,
            [
                "PROFILE_READ", "PROFILE_WRITE", "SCHEDULE_READ", "SCHEDULE_WRITE",
                "EVENT_TYPE_READ", "EVENT_TYPE_WRITE", "BOOKING_READ", "BOOKING_WRITE",
            ],
        ),
        _client("bare", 1, []),
        _client("orphan", 3, []),
    ],
}  # fmt: skip


def as_client(call: Caller, method: str, target: str, body: Any = None) -> Told:
    """A request with the credentials of the platform's first client."""
    return call(method, target, body, key=None, headers=CLIENT)


def add_mona(call: Caller, **more: Any) -> Any:
    """A managed user of the first client: `user` with its tokens."""
    return as_client(call, "POST", USERS, MONA | more).data
