"""How many tokens a text comes to, without a tokenizer."""

from __future__ import annotations

import math
import re

# Tokenizers take text to pieces at capitals, digits and signs, and long words further.
_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]{1,3}|[^\x00-\x7f]|[^\sA-Za-z0-9]+|\s+")
_LETTERS, _SIGNS = 5, 4  # of one token


def estimate(text: str) -> int:
    """Estimate the tokens of JSON in o200k, the encoding of OpenAI's newer models.

    All of Cal.com's recorded answers together come out 13 % too high, the one in twenty that is
    too low by up to 18 %, where it is made of access tokens.
    """
    return sum(map(_cost, _PIECES.findall(text)))


def _cost(piece: str) -> int:
    if not piece.isascii() or piece[0].isdigit() or piece[0].isspace():
        return 1
    return math.ceil(len(piece) / (_LETTERS if piece[0].isalpha() else _SIGNS))
