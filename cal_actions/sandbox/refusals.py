"""Everything Cal.com answers when it says no, in its five error-body shapes.

1. `{status, timestamp, path, error: {code, message, details: {message, error, statusCode}}}`
2. the same with `details: {errors: [...]}`: a field of the body or query is wrong
3. the same with a text as `details`: too many requests, expired token
4. the same without `details`: errors of the database and of inner calls
5. `{statusCode, message}`: bodies that are too large, some domain errors
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

NO_CREDENTIALS = (
    "ApiAuthStrategy - No authentication method provided. Either pass an API key as 'Bearer' "
    "header or OAuth client credentials as 'x-cal-secret-key' and 'x-cal-client-id' headers"
)
NO_PERMISSIONS = (
    "PermissionsGuard - no authentication provided. Provide either authorization bearer token "
    "containing managed user access token or oAuth client id in 'x-cal-client-id' header."
)
TOO_MANY_REQUESTS = "CustomThrottlerGuard - Too many requests. Please try again later."

FieldError = dict[str, Any]


class Refusal(Exception):
    """A request is refused; rolls back whatever its handler has written.

    `error` is what stands under `error` in shapes 1 to 4; None makes it shape 5. `fault` is what
    the recorded server answers where it breaks and the sandbox is more helpful; see `breaks`.
    """

    fault: Refusal | None = None

    def __init__(self, status: int, message: str, error: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.error = error

    def body(self, path: str, timestamp: str) -> dict[str, Any]:
        """The JSON body; `path` is the target of the request with its query."""
        if self.error is None:
            return {"statusCode": self.status, "message": self.message}
        return {"status": "error", "timestamp": timestamp, "path": path, "error": self.error}


def _usual(status: int, code: str, message: str) -> Refusal:
    phrase = HTTPStatus(status).phrase
    details = {"message": message, "error": phrase, "statusCode": status}
    return Refusal(status, message, {"code": code, "message": message, "details": details})


def bad_request(message: str) -> Refusal:
    """400 in shape 1."""
    return _usual(400, "BadRequestException", message)


def unauthorized(message: str) -> Refusal:
    """401 in shape 1."""
    return _usual(401, "UnauthorizedException", message)


def forbidden(message: str) -> Refusal:
    """403 in shape 1."""
    return _usual(403, "ForbiddenException", message)


def not_found(message: str) -> Refusal:
    """404 in shape 1."""
    return _usual(404, "NotFoundException", message)


def conflict(message: str) -> Refusal:
    """409 in shape 1."""
    return _usual(409, "ConflictException", message)


def unprocessable(message: str) -> Refusal:
    """422 in shape 1."""
    return _usual(422, "UnprocessableEntityException", message)


def not_played(message: str) -> Refusal:
    """501 in shape 1: Cal.com has it, the sandbox does not."""
    return _usual(501, "NotImplementedException", message)


def no_route(method: str, target: str) -> Refusal:
    """404 for a route that does not exist, or not in the version asked for."""
    return not_found(f"Cannot {method} {target}")


def invalid(errors: Sequence[FieldError]) -> Refusal:
    """400 in shape 2; `errors` are those that `checks.check` collects."""
    message = "Bad Request Exception"
    error = {"code": "BadRequestException", "message": message, "details": {"errors": [*errors]}}
    return Refusal(400, message, error)


def throttled() -> Refusal:
    """429 in shape 3."""
    error = {
        "code": "ThrottlerException",
        "message": TOO_MANY_REQUESTS,
        "details": TOO_MANY_REQUESTS,
    }
    return Refusal(429, TOO_MANY_REQUESTS, error)


def breaks(instead: Refusal, *, wrapped: bool = False) -> Refusal:
    """A sensible refusal where the recorded server breaks (500).

    The 500 itself is answered by a sandbox that plays server faults; `wrapped` has it in shape 4,
    otherwise it is in shape 5.
    """
    instead.fault = broken_inside() if wrapped else broken()
    return instead


def broken() -> Refusal:
    """500 in shape 5: the recorded server's handler threw."""
    return plain(500, "Internal server error")


def broken_inside() -> Refusal:
    """500 in shape 4: the recorded server's database refused."""
    return without_details(
        500, "INTERNAL_SERVER_ERROR", "There was an error, please try again later."
    )


def expired_token() -> Refusal:
    """498 in shape 3: the access token of a managed user is to be refreshed."""
    message = "ACCESS_TOKEN_IS_EXPIRED"
    error = {"code": "TokenExpiredException", "message": message, "details": message}
    return Refusal(498, message, error)


def without_details(status: int, code: str, message: str) -> Refusal:
    """Any status in shape 4, e.g. 404 `TRPCError` for the slots of an unknown event type."""
    return Refusal(status, message, {"code": code, "message": message})


def already_exists() -> Refusal:
    """409 in shape 4: the database knows such a record already."""
    message = "Invalid Input: Trying to create a record that already exists."
    return without_details(409, "CONFLICT", message)


def no_such_record() -> Refusal:
    """404 in shape 4: the record to change or delete does not exist."""
    message = "Invalid Query: The requested record was not found."
    return without_details(404, "NOT_FOUND", message)


def unknown_reference() -> Refusal:
    """400 in shape 4: the new record points at one that does not exist (as recorded)."""
    message = "Invalid input: The referenced data does not exist."
    return without_details(400, "BAD_REQUEST", message)


def plain(status: int, message: str) -> Refusal:
    """Any status in shape 5, e.g. 400 for a cancellation by the host without a reason."""
    return Refusal(status, message)
