"""What the recorded server's database refuses: something asked for or pointed at is missing."""

from __future__ import annotations

from cal_actions.sandbox import refusals


def no_such_record() -> refusals.Refusal:
    """404 in shape 4: the record to change or delete does not exist."""
    message = "Invalid Query: The requested record was not found."
    return refusals.without_details(404, "NOT_FOUND", message)


def unknown_reference() -> refusals.Refusal:
    """400 in shape 4: the new record points at one that does not exist (as recorded)."""
    message = "Invalid input: The referenced data does not exist."
    return refusals.without_details(400, "BAD_REQUEST", message)
