"""A world with one person for every place that someone can have in an organization and a team.

The key of each person is `cal_` and the name. ACME is an organization with the teams SALES and
SUPPORT, CHESS a team of no organization, FAR a team of another organization.
"""

from typing import Any

ACME, SALES, SUPPORT, CHESS, ELSEWHERE, FAR, PLATFORM = 20, 21, 22, 30, 40, 41, 50
NOWHERE = 999
OLIVIA, ADA, MAX, TESS, MIA, OSCAR, PETRA = "olivia", "ada", "max", "tess", "mia", "oscar", "petra"
PEOPLE = (OLIVIA, ADA, MAX, TESS, MIA, OSCAR, PETRA)
CLIENT = {"x-cal-client-id": "client", "x-cal-secret-key": "secret"}
_PLACES = (
    (ACME, OLIVIA, "OWNER"),
    (ACME, ADA, "ADMIN"),
    (ACME, MAX, "MEMBER"),
    (ACME, TESS, "MEMBER"),
    (ACME, MIA, "MEMBER"),
    (SALES, OLIVIA, "OWNER"),
    (SALES, TESS, "ADMIN"),
    (SALES, MAX, "MEMBER"),
    (CHESS, OSCAR, "OWNER"),
    (CHESS, TESS, "ADMIN"),
    (CHESS, MAX, "MEMBER"),
    (PLATFORM, PETRA, "OWNER"),
)


def key(name: str) -> str:
    """The API key of a person."""
    return f"cal_{name}"


def user_id(name: str) -> int:
    """The id of a person."""
    return 1 + PEOPLE.index(name)


def membership_id(team_id: int, name: str) -> int:
    """The id of a person's membership."""
    places = [(team, person) for team, person, _ in _PLACES]
    return 1 + places.index((team_id, name))


WORLD: dict[str, Any] = {
    "users": [
        {
            "id": user_id(name),
            "username": name,
            "name": name.title(),
            "email": f"{name}@example.com",
            "apiKeys": [{"key": key(name), "rateLimit": {"requests": 1000}}],
        }
        for name in PEOPLE
    ],
    "teams": [
        {"id": ACME, "name": "Acme", "slug": "acme", "isOrganization": True},
        {"id": SALES, "name": "Sales", "slug": "sales", "parentId": ACME, "metadata": {}},
        {"id": SUPPORT, "name": "Support", "slug": "support", "parentId": ACME},
        {"id": CHESS, "name": "Chess", "slug": "chess"},
        {"id": ELSEWHERE, "name": "Elsewhere", "slug": "elsewhere", "isOrganization": True},
        {"id": FAR, "name": "Far", "slug": "far", "parentId": ELSEWHERE},
        {
            "id": PLATFORM,
            "name": "Built",
            "slug": "built",
            "isOrganization": True,
            "isPlatform": True,
        },
    ],
    "memberships": [
        {
            "id": 1 + index,
            "teamId": team_id,
            "userId": user_id(name),
            "role": role,
            "accepted": True,
        }
        for index, (team_id, name, role) in enumerate(_PLACES)
    ],
    "oAuthClients": [
        {
            "id": "client",
            "secret": "secret",
            "name": "Client",
            "organizationId": PLATFORM,
            "permissions": [],
        }
    ],
    "nextId": 1001,
}
