"""How many tokens a text comes to, without a tokenizer."""

from __future__ import annotations

import math
import re

# Tokenizers take text to pieces at capitals, digits and signs, a space with the word after it.
_PIECES = re.compile(r" ?[A-Z]?[a-z]+| ?[A-Z]+|[0-9]{1,3}| ?[^\x00-\x7f]+| ?[^\sA-Za-z0-9]+|\s+")
_LETTERS, _SIGNS, _BYTES = 7, 4, 3  # of one token


def estimate(text: str) -> int:
    """Estimate the tokens of JSON in o200k, the encoding of OpenAI's newer models.

    Of Cal.com's recorded answers, half come out less than 5 % too high or low, the worst 20 %
    too low (access tokens) and 21 % too high. Other scripts than Latin come out too high.
    """
    return sum(map(_cost, _PIECES.findall(text)))


def _cost(piece: str) -> int:
    word = piece.strip()
    if not word or word[0].isdigit():
        return 1
    if not word.isascii():
        return math.ceil(len(word.encode("utf-8", "replace")) / _BYTES)
    return math.ceil(len(word) / (_LETTERS if word[0].isalpha() else _SIGNS))
