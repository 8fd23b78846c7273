"""Start-up from an installed wheel: import, tool list, first call; against their floors.

The wheel is built and installed, with the core dependencies alone, into a virtual environment
that is thrown away. Python is isolated (-I): a checkout in the working directory must not be
measured in its place.
"""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Iterator
from pathlib import Path

from measure import Cost, Line, median, process, ratio, rounds, server
from sync_calls import PARAMS

ROOT = Path(__file__).parents[2]
SLUG = "CAL_POST_NEW_BOOKING_REQUEST"

PRINT_TOOLS = """
import json, sys
from cal_actions import catalog, schemas
sys.stdout.write(json.dumps(schemas.export(catalog, "anthropic")))
"""
PRINT_PREBUILT = """
import json, sys
with open({path!r}, "rb") as file:
    tools = json.load(file)
sys.stdout.write(json.dumps(tools))
"""
FIRST_CALL = """
from cal_actions import Connector
with Connector(api_key="cal_bench", base_url={url!r}) as connector:
    assert connector.execute({slug!r}, {params!r}).successful
"""
FIRST_BARE_CALL = """
import httpx
headers = {{"Authorization": "Bearer cal_bench", "cal-api-version": "2024-08-13"}}
with httpx.Client(headers=headers) as client:
    answer = client.post({url!r} + "/v2/bookings", json={params!r})
    assert answer.json()["status"] == "success"
"""


def lines() -> Iterator[Line]:
    """Build, install and measure; every figure interleaved with its floor."""
    with tempfile.TemporaryDirectory() as place, server() as url:
        python = installed(Path(place) / "clean", wheel(Path(place)))
        yield _import(python)
        yield _tools(python, Path(place) / "tools.json")
        yield from _first_call(python, url)


def wheel(place: Path) -> Path:
    """Build the wheel in a directory."""
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(place), str(ROOT)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return next(place.glob("*.whl"))


def installed(place: Path, wheel: Path, extra: str = "") -> str:
    """Install the wheel into a new virtual environment; returns its Python."""
    venv.create(place, with_pip=True)
    python = str(place / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", f"{wheel}[{extra}]" if extra else str(wheel)],
        check=True,
    )
    subprocess.run([python, "-I", "-c", "from cal_actions import execute"], check=True)
    return python


def _python(python: str, code: str) -> Callable[[], Cost]:
    return process([python, "-I", "-c", code])


def _import(python: str) -> Line:
    costs, floor = rounds(
        21, _python(python, "import cal_actions"), _python(python, "import httpx")
    )
    note = f"cpu; {median(costs, 'cpu') * 1e3:.0f} ms / {median(floor, 'cpu') * 1e3:.0f} ms"
    return Line("import cal_actions / import httpx", ratio(costs, floor, "cpu"), 0.35, note)


def _tools(python: str, prebuilt: Path) -> Line:
    done = subprocess.run([python, "-I", "-c", PRINT_TOOLS], check=True, capture_output=True)
    assert len(json.loads(done.stdout)) == 141
    prebuilt.write_bytes(done.stdout)
    floor_code = PRINT_PREBUILT.format(path=str(prebuilt))
    costs, floor = rounds(21, _python(python, PRINT_TOOLS), _python(python, floor_code))
    note = (
        f"wall; cpu {ratio(costs, floor, 'cpu'):.2f};"
        f" {median(costs, 'wall') * 1e3:.0f} ms / {median(floor, 'wall') * 1e3:.0f} ms"
    )
    return Line(
        "start to 141 tools printed / prebuilt file", ratio(costs, floor, "wall"), 2.0, note
    )


def _first_call(python: str, url: str) -> Iterator[Line]:
    ours = FIRST_CALL.format(url=url, slug=SLUG, params=PARAMS)
    bare = FIRST_BARE_CALL.format(url=url, params=PARAMS)
    costs, floor = rounds(21, _python(python, ours), _python(python, bare))
    note = (
        f"wall; cpu {ratio(costs, floor, 'cpu'):.2f};"
        f" {median(costs, 'wall') * 1e3:.0f} ms / {median(floor, 'wall') * 1e3:.0f} ms"
    )
    yield Line("start to first call / bare httpx", ratio(costs, floor, "wall"), 1.4, note)
    note = f"{median(costs, 'memory') / 1024:.0f} MB / {median(floor, 'memory') / 1024:.0f} MB"
    memory = ratio(costs, floor, "memory")
    yield Line("peak memory of the first call / bare httpx", memory, 1.3, note)
