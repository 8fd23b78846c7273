"""An answer of Cal.com → the exact envelope, one file per topic beside this one.

The answers are recorded ones of a real Cal.com, shortened, and a few of gateways before it.
A case has the `answer` (status, headers, and `json` or `text`) and the whole `envelope`. The
action reads, unless `effect` (and `idempotent`) say otherwise; `redirects` is true where
the answer is a redirect.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest
import respx

from cal_actions import Catalog, Connector
from cal_actions.action_files import read_yaml
from tests.made_up import catalog_of, document

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
CASES = [
    pytest.param(case, id=f"{file.stem}-{case['name']}")
    for file in FILES
    for case in read_yaml(file)
]


def catalog_for(case: dict[str, Any]) -> Catalog:
    effect = case.get("effect", "read")
    return catalog_of(
        document(
            path="/v2/answers",
            auth=["none"],
            effect=effect,
            idempotent=case.get("idempotent", effect == "read"),
            response="redirect" if case.get("redirects") else "json",
        )
    )


@pytest.mark.parametrize("case", CASES)
def test_an_answer_becomes_exactly_this_envelope(case: dict[str, Any]) -> None:
    stated = case["answer"]
    body = {"json": stated["json"]} if "json" in stated else {"text": stated.get("text", "")}
    answer = httpx.Response(stated["status"], headers=stated.get("headers", {}), **body)
    with (
        respx.mock(base_url="https://api.cal.com") as cal_com,
        Connector(actions=catalog_for(case), max_attempts=1) as connector,
    ):
        cal_com.get("/v2/answers").mock(return_value=answer)
        envelope = connector.execute("CAL_DO")
    assert envelope.model_dump() == case["envelope"]
