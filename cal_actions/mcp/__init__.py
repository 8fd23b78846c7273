"""MCP: the actions as tools of a Model Context Protocol server. Needs the extra `mcp`.

    connector = AsyncConnector(deny="destructive", approve=ask_user, on_retry=tell_retry)
    await serve_stdio(create_server(connector))

The connector says which actions there are, on whose account, and what its policy allows;
`ask_user` and `tell_retry` speak to the client whose call it is. The protocol itself, in its
current revision and the older ones, is the official SDK's.
"""

from importlib.util import find_spec

if find_spec("mcp") is None:
    raise ModuleNotFoundError('The MCP server needs an extra: pip install "cal-actions[mcp]"')

from cal_actions.mcp.consent import ask_user, require_user
from cal_actions.mcp.http import create_app, serve_http
from cal_actions.mcp.progress import tell_retry
from cal_actions.mcp.server import create_server, serve_stdio

__all__ = [
    "ask_user",
    "create_app",
    "create_server",
    "require_user",
    "serve_http",
    "serve_stdio",
    "tell_retry",
]
