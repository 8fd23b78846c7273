"""A blocking call with a limit of time, for what cannot be interrupted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import TypeVar

_T = TypeVar("_T")


def within(seconds: float, function: Callable[[], _T]) -> _T:
    """Call a function in a thread of its own, and wait for it at most so many seconds.

    Raises TimeoutError when it takes longer, which leaves it running, and else whatever it
    raises.
    """
    done: Future[_T] = Future()
    context = copy_context()

    def work() -> None:
        try:
            done.set_result(context.run(function))
        except BaseException as problem:  # an interruption too belongs to who waits
            done.set_exception(problem)

    try:
        threading.Thread(target=work, name="cal_actions", daemon=True).start()
    except RuntimeError:  # the interpreter is about to end, and starts no more threads
        return function()
    return done.result(seconds)
