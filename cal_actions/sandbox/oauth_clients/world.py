"""OAuth clients and the tokens of their users in a world."""

from cal_actions.sandbox.worlds import Kind, register

_CLIENT = {"oAuthClientId": "oauth_client_id"}
OAUTH_CLIENTS = register(Kind("oAuthClients", "oauth_clients"))
ACCESS_TOKENS = register(Kind("accessTokens", "access_tokens", renamed=_CLIENT))
REFRESH_TOKENS = register(Kind("refreshTokens", "refresh_tokens", renamed=_CLIENT))
