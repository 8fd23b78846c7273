"""`execute()` ÷ `httpx.Client.post(json=…).json()`: sync, keep-alive, a small booking."""

from collections.abc import Iterator

import httpx
from measure import Line, calls, median, ratio, rounds, server

from cal_actions import Connector, response

PARAMS = {
    "start": "2030-01-07T10:00:00Z",
    "eventTypeId": 1,
    "attendee": {"name": "Ann Tester", "email": "ann@client.example", "timeZone": "UTC"},
}
HEADERS = {"Authorization": "Bearer cal_bench", "cal-api-version": "2024-08-13"}


def lines() -> Iterator[Line]:
    """Measure without and with orjson, each interleaved with the raw idiom."""
    loads = response._loads
    with server() as url:
        response._loads = response._json_loads
        yield _compared(url, "execute() / httpx post().json()", 1.0)
        response._loads = loads
        yield _compared(url, "execute() with extra fast / httpx post().json()", 0.85)


def _compared(url: str, name: str, bound: float) -> Line:
    with (
        httpx.Client(headers=HEADERS) as client,
        Connector(api_key="cal_bench", base_url=url) as connector,
    ):

        def raw() -> object:
            return client.post(f"{url}/v2/bookings", json=PARAMS).json()

        def ours() -> object:
            envelope = connector.execute("CAL_POST_NEW_BOOKING_REQUEST", PARAMS)
            assert envelope.successful
            return envelope

        assert connector.execute("CAL_POST_NEW_BOOKING_REQUEST", PARAMS).successful
        for _ in range(200):
            raw(), ours()
        costs, floor = rounds(21, calls(ours, 200), calls(raw, 200))
    note = (
        f"wall; cpu {ratio(costs, floor, 'cpu'):.2f};"
        f" {median(costs, 'wall') * 1e6:.0f} us / {median(floor, 'wall') * 1e6:.0f} us"
    )
    return Line(name, ratio(costs, floor, "wall"), bound, note)
