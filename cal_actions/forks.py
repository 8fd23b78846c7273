"""After a fork: the child has copies of locks that no thread of it will ever release."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class _Forked(Protocol):
    def after_fork(self) -> None:
        """Make new what a child must not share with its parent: locks, connections."""


_alive: weakref.WeakSet[_Forked] = weakref.WeakSet()


def renew_after_fork(one: _Forked) -> None:
    """Have `one.after_fork()` called in every child that is forked while `one` lives."""
    _alive.add(one)


def _in_child() -> None:
    for one in list(_alive):
        one.after_fork()


if hasattr(os, "register_at_fork"):  # not on Windows, where nothing forks
    os.register_at_fork(after_in_child=_in_child)
