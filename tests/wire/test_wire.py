"""Params → the exact request, for every action: `<SLUG>.yaml` beside this file.

The cases are written from Cal.com's API documents and recorded exchanges. A case has
`params` and the `request` that must leave: method, path (encoded), query (decoded pairs, in
order), version (the cal-api-version header), auth (which credentials), body. An action that
needs several calls has `requests`, each with the `answer` it gets, and the final `data`.
"""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
import respx

from cal_actions import Connector, catalog
from cal_actions.action_files import read_yaml

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("CAL_*.yaml"))
CASES = [(file.stem, case) for file in FILES for case in read_yaml(file)]
ANSWER = {"status": "success", "data": {}}


def credentials_of(request: httpx.Request) -> str:
    pair = "x-cal-client-id" in request.headers, "x-cal-secret-key" in request.headers
    found = ["user"] * ("authorization" in request.headers) + ["oauth_client"] * all(pair)
    assert pair in ((True, True), (False, False))
    return "+".join(found) or "none"


def seen(request: httpx.Request) -> dict[str, Any]:
    path, _, query = request.url.raw_path.decode().partition("?")
    return {
        "method": request.method,
        "path": path,
        "query": [list(pair) for pair in parse_qsl(query, keep_blank_values=True)],
        "version": request.headers.get("cal-api-version"),
        "auth": credentials_of(request),
        "body": json.loads(request.content) if request.content else None,
    }


def wanted(request: dict[str, Any]) -> dict[str, Any]:
    stated = {key: value for key, value in request.items() if key != "answer"}
    return {"query": [], "version": None, "body": None, **stated}


@pytest.mark.parametrize(
    ("slug", "case"), CASES, ids=[f"{slug}-{case['name']}" for slug, case in CASES]
)
def test_params_become_exactly_this_request(slug: str, case: dict[str, Any]) -> None:
    requests = case.get("requests") or [case["request"]]
    answers = [httpx.Response(200, json=item.get("answer", ANSWER)) for item in requests]
    if catalog[slug].redirects:
        answers = [httpx.Response(301, headers={"location": "https://app.example/done"})]
    with (
        respx.mock(base_url="https://api.cal.com") as cal_com,
        Connector(
            api_key="cal_test", oauth_client_id="client", oauth_client_secret="s3cret"
        ) as connector,
    ):
        route = cal_com.route().mock(side_effect=answers)
        envelope = connector.execute(slug, case["params"])
    assert envelope.error is None
    assert [seen(call.request) for call in route.calls] == [wanted(item) for item in requests]
    if "data" in case:
        assert envelope.data == case["data"]


def test_every_action_has_a_wire_case() -> None:
    assert [file.stem for file in FILES] == list(catalog)


@pytest.mark.parametrize("slug", [file.stem for file in FILES])
def test_the_cases_of_an_action_send_each_of_its_parameters(slug: str) -> None:
    given = {name for case_slug, case in CASES if case_slug == slug for name in case["params"]}
    assert set(catalog[slug].input["properties"]) == given
