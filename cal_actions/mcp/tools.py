"""Tools: every action that the connector offers is a tool of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from cal_actions import schemas

if TYPE_CHECKING:
    from cal_actions import AsyncConnector, Envelope
    from cal_actions.auth import Auth

    Tool = dict[str, Any]


class Offer(Protocol):
    """Tools for a client: `listed` are their definitions, as the protocol writes them."""

    listed: list[Tool]

    async def call(self, name: str, arguments: dict[str, Any], auth: Auth | None) -> Envelope:
        """Call a tool, with `auth` in place of the connector's own credentials."""
        ...


class ActionTools:
    """A tool for each action."""

    def __init__(self, connector: AsyncConnector) -> None:
        self._connector = connector
        self.listed: list[Tool] = schemas.export(connector.actions, "mcp")

    async def call(self, name: str, arguments: dict[str, Any], auth: Auth | None) -> Envelope:
        """Execute the action of that name."""
        return await self._connector.execute(name, arguments, auth=auth)
