"""OAuth clients and the tokens of their users in a world."""

from cal_actions.sandbox.worlds import Kind, register

_CLIENT = {"oAuthClientId": "oauth_client_id"}
register(Kind("oAuthClients", "oauth_clients"))
register(Kind("accessTokens", "access_tokens", renamed=_CLIENT))
register(Kind("refreshTokens", "refresh_tokens", renamed=_CLIENT))
