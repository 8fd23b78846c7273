"""Users in a world: `apiKeys` are inside, `organizationId` is in their profile."""

from cal_actions.sandbox.users.records import PROFILE_WORDS
from cal_actions.sandbox.worlds import Kind, register

API_KEYS = Kind("apiKeys", "api_keys", kept_out=frozenset({"user_id"}))
register(
    Kind(
        "users",
        "users",
        renamed={"oAuthClientId": "oauth_client_id"},
        rest="profile",
        rest_words=PROFILE_WORDS,
        nested={"apiKeys": (API_KEYS, "user_id")},
    )
)
