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
    return started(function).result(seconds)


def started(function: Callable[[], _T]) -> Future[_T]:
    """Call a function in a thread of its own; returns its future, which cannot be cancelled."""
    done: Future[_T] = Future()
    done.set_running_or_notify_cancel()
    context = copy_context()

    def work() -> None:
        try:
            done.set_result(context.run(function))
        except BaseException as problem:  # an interruption too belongs to who waits
            done.set_exception(problem)

    try:
        threading.Thread(target=work, name="cal_actions", daemon=True).start()
    except RuntimeError:  # the interpreter is about to end, and starts no more threads
        work()
    return done
