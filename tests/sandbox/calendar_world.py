"""Sam and Kim, who have keys of their own, and Mia, a managed user who comes with a token."""

from tests.sandbox.conftest import WORLD as BASE

MIA = "mias-token"
FEED = "http://127.0.0.1:8099/team.ics"
WORLD = {
    **BASE,
    "users": [
        *BASE["users"],
        {
            "id": 3, "username": "mia", "name": "Mia", "email": "mia@example.com",
            "timeZone": "Europe/Rome", "oAuthClientId": "client",
        },
    ],
    "oAuthClients": [
        {
            "id": "client", "secret": "secret", "name": "App", "organizationId": 7,
            "permissions": ["APPS_READ"],
        },
    ],
    "accessTokens": [
        {
            "token": MIA, "userId": 3, "oAuthClientId": "client",
            "expiresAt": "2027-01-01T00:00:00.000Z",
        },
    ],
}  # fmt: skip


def ics(*events: str) -> str:
    """An iCalendar text with these events, each given by its lines."""
    bodies = "".join(
        f"BEGIN:VEVENT\nUID:{n}\n{text}\nEND:VEVENT\n" for n, text in enumerate(events)
    )
    head = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nX-WR-CALNAME:Team\n"
    return f"{head}{bodies}END:VCALENDAR\n".replace("\n", "\r\n")
