"""How many tokens a text comes to, without a tokenizer."""

import json
from pathlib import Path
from typing import Any

import pytest

from cal_actions.results.fitting import compact
from cal_actions.results.tokens import estimate
from tests.results.o200k import count

RECORDED = Path(__file__).parent.parent / "recorded" / "exchanges.jsonl"
SAID = {
    "names": ["Александр Кузнецов", "王小明", "佐藤 健太", "김민준", "محمد الأحمد", "דוד כהן",
              "Nguyễn Văn Anh", "Łukasz Wiśniewski", "राजेश कुमार", "สมชาย ใจดี", "Özgür Çelik"],
    "ids": ["f138649b-ea4f-48db-bd6c-3d5607a29ff2", "iVm69Fg30GvZpbqGE0Sj2N", "cm4x0k2p90001qw"],
    "times": [f"2030-01-{day:02}T09:30:00.000Z" for day in range(1, 29)],
    "numbers": [7**power for power in range(30)],
    "links": ["https://meet.example.com/abc-defg-hij?state=%7B%22a%22%3A1%7D&x=1"],
    "prose": ["We review the open proposals and decide who welcomes the new customers."],
    "mail": ["<p style=\"margin:0\">Join <a href='https://a.example/r'>the room</a></p>\n\n\t"],
    "signs": ["🎉 Launch 🚀", "👩‍💻 pairing", "— “quoted” …", "== ## !!! ::::"],
}  # fmt: skip


@pytest.mark.parametrize("said", SAID.values(), ids=SAID)
def test_the_estimate_is_not_far_from_o200k(said: list[Any]) -> None:
    text = compact({"items": [{"id": index, "name": one} for index, one in enumerate(said)]})
    assert 0.95 <= estimate(text) / count(text) <= 1.3


def test_the_estimate_of_recorded_answers_is_close() -> None:
    texts = [
        compact(json.loads(line)["response_body"])
        for line in RECORDED.read_text("utf-8").splitlines()
    ]
    ratios = sorted(estimate(text) / count(text) for text in texts)
    assert 0.79 < ratios[0] < ratios[-1] < 1.25
    assert 0.95 < ratios[len(ratios) // 20] < ratios[len(ratios) // 2] < 1.05
