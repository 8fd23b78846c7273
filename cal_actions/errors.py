"""What can go wrong, as exceptions.

`execute` answers failures in an envelope and does not raise them; they surface as
exceptions only through `Envelope.raise_for_error()` or when Python itself is misused::

    CalActionsError
    ├── ActionError        an action failed: code, message, what to change, whether to retry
    ├── SpecError          an action file is wrong: file, line, what to change
    └── ConnectorClosed    a connector was used after close()
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    Code = Literal[
        "unknown_action",
        "invalid_params",
        "no_credentials",
        "refused",
        "unauthorized",
        "forbidden",
        "not_found",
        "conflict",
        "rejected",
        "rate_limited",
        "upstream_error",
        "timeout",
        "network_error",
        "unreadable_response",
        "endpoint_gone",
    ]


class CalActionsError(Exception):
    """Base of everything this package raises on purpose."""


class ActionError(CalActionsError):
    """An action failed.

    `message` is one sentence that says what to change. `facts` holds what else is known,
    in the words of a failed envelope's `data`: `http_status` (int), `retry_after` (seconds),
    `details` (a list of `{path, message}`), `request_id` (text) and `outcome_unknown`
    (true when a write was sent and no answer came).
    """

    def __init__(self, code: Code, message: str, *, retryable: bool = False, **facts: Any) -> None:
        super().__init__(code, message)  # both, or the error could not be pickled
        self.code = code
        self.message = message
        self.retryable = retryable
        self.facts = facts

    def __str__(self) -> str:
        return self.message

    def data(self) -> dict[str, Any]:
        """Return the details as a failed envelope's `data` carries them."""
        return {"code": self.code, "retryable": self.retryable, **self.facts}


class SpecError(CalActionsError):
    """An action file is wrong; the text names the file, the line (1-based) and the change."""

    def __init__(self, message: str, *, file: str, line: int | None = None) -> None:
        super().__init__(f"{file}:{line}: {message}" if line else f"{file}: {message}")
        self.file = file
        self.line = line


class ConnectorClosed(CalActionsError, RuntimeError):
    """A connector was used after `close()`; make a new one."""
