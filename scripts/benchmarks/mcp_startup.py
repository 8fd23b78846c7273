"""Start of the MCP server, from an installed wheel: process start to `tools/list` answered, stdio.

The floor is a bare low-level server of the same SDK that has one tool. Both are asked with the
current revision's one request, `tools/list`, and with the handshake of the older ones.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from measure import Cost, Line, median, ratio, rounds
from startup import installed, wheel

BARE = """
import anyio
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import ListToolsResult, Tool

async def list_tools(ctx, params):
    return ListToolsResult(tools=[Tool(name="echo", input_schema={"type": "object"})])

async def main():
    server = Server("bare", on_list_tools=list_tools)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())

anyio.run(main)
"""
_CLIENT = {"name": "bench", "version": "1"}
_META = "io.modelcontextprotocol/"
Messages = tuple[dict[str, object], ...]
CURRENT: Messages = (
    {
        "id": 1,
        "method": "tools/list",
        "params": {
            "_meta": {
                f"{_META}protocolVersion": "2026-07-28",
                f"{_META}clientInfo": _CLIENT,
                f"{_META}clientCapabilities": {},
            }
        },
    },
)
OLDER: Messages = (
    {
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": _CLIENT},
    },
    {"method": "notifications/initialized"},
    {"id": 2, "method": "tools/list", "params": {}},
)


def lines() -> Iterator[Line]:
    """Build, install and measure each way to offer tools against the floor."""
    with tempfile.TemporaryDirectory() as place:
        python = Path(installed(Path(place) / "clean", wheel(Path(place)), extra="mcp"))
        bare = [str(python), "-I", "-c", BARE]
        command = [str(python.with_name("cal-actions")), "mcp"]
        for name, messages, tools, count in (
            ("all tools", CURRENT, "all", 141),
            ("all tools, older client", OLDER, "all", 141),
            ("search", CURRENT, "search", 3),
        ):
            costs, floor = rounds(
                15,
                _listing([*command, "--tools", tools], messages, count),
                _listing(bare, messages, 1),
            )
            times = f"{median(costs, 'wall') * 1e3:.0f} ms / {median(floor, 'wall') * 1e3:.0f} ms"
            figure = ratio(costs, floor, "wall")
            yield Line(f"start to tools/list, {name} / bare server", figure, 1.3, f"wall; {times}")


def _listing(command: list[str], messages: Messages, count: int) -> Callable[[], Cost]:
    def measure() -> Cost:
        start = time.perf_counter()
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as serving:
            assert serving.stdin is not None
            assert serving.stdout is not None
            answer = b""
            for message in messages:
                serving.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
                serving.stdin.flush()
                if "id" in message:
                    answer = serving.stdout.readline()
            wall = time.perf_counter() - start
            assert len(json.loads(answer)["result"]["tools"]) == count
            serving.stdin.close()
        return Cost(wall, 0.0)

    return measure
