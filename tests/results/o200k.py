"""The tokens that OpenAI's newer models really make of a text."""

import warnings
from importlib import import_module

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # its own, of how it reads its files
    _o200k = import_module("bpe_openai").get_encoding("o200k_base")


def count(text: str) -> int:
    return len(_o200k.encode(text))
