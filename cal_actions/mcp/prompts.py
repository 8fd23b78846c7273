"""Prompts: tasks that a user can start, such as from a client's menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mcp_types import GetPromptResult, Prompt, PromptArgument, PromptMessage, TextContent

if TYPE_CHECKING:
    from collections.abc import Container, Mapping


class _Task(NamedTuple):
    title: str
    description: str
    arguments: dict[str, tuple[str, bool]]
    """Name → what it is, and whether it must be given."""
    actions: tuple[str, ...]
    """What it takes: without one of these it is not offered."""
    text: str


_TASKS = {
    "book_a_meeting": _Task(
        "Book a meeting",
        "Find a time that suits, and book it.",
        {
            "attendee": ("Who comes: name and e-mail address.", True),
            "when": ("When it should be, such as Tuesday afternoon.", False),
            "about": ("What it is about, or the event type.", False),
        },
        (
            "CAL_RETRIEVE_MY_INFORMATION",
            "CAL_LIST_EVENT_TYPES",
            "CAL_GET_AVAILABLE_SLOTS_INFO",
            "CAL_POST_NEW_BOOKING_REQUEST",
        ),
        """Book a meeting on Cal.com.

Attendee: {attendee}
When: {when}
About: {about}

1. CAL_RETRIEVE_MY_INFORMATION tells my username and time zone, CAL_LIST_EVENT_TYPES what can be \
booked with me. Choose the event type that fits; ask me if several do.
2. CAL_GET_AVAILABLE_SLOTS_INFO tells the free times. Offer me up to three, in my time zone.
3. When I have chosen one, book it with CAL_POST_NEW_BOOKING_REQUEST. Ask me for what you do not \
know of the attendee, above all the e-mail address and the time zone.
4. Tell me when it is, with whom and where, and the booking's uid.""",
    ),
    "weekly_review": _Task(
        "Weekly review",
        "What a week brings: meetings, requests to answer, gaps and conflicts.",
        {"week": ("Which week, such as next week; this week if left out.", False)},
        ("CAL_RETRIEVE_MY_INFORMATION", "CAL_FETCH_ALL_BOOKINGS"),
        """Review my week on Cal.com.

Week: {week}

1. CAL_RETRIEVE_MY_INFORMATION tells my time zone. Reckon with weeks from Monday to Sunday in it.
2. CAL_FETCH_ALL_BOOKINGS gives the bookings, with afterStart and beforeEnd for the week. Fetch \
the unconfirmed ones too.
3. Sum up by day: time, title, with whom, where. Then list what waits for my answer, meetings \
that overlap or follow one another without a break, and days without any.
4. Propose what to confirm, move or cancel, and why. Change nothing before I agree.""",
    ),
}


class Prompts:
    """The tasks for which the actions are there."""

    def __init__(self, actions: Container[str]) -> None:
        self._tasks = {
            name: task
            for name, task in _TASKS.items()
            if all(slug in actions for slug in task.actions)
        }

    def listed(self) -> list[Prompt]:
        """List the prompts with their arguments."""
        return [
            Prompt(
                name=name,
                title=task.title,
                description=task.description,
                arguments=[
                    PromptArgument(name=argument, description=what, required=required)
                    for argument, (what, required) in task.arguments.items()
                ],
            )
            for name, task in self._tasks.items()
        ]

    def get(self, name: str, arguments: Mapping[str, str]) -> GetPromptResult:
        """Write out a prompt. Raises ValueError, which says what to change."""
        task = self._tasks.get(name)
        if task is None:
            known = ", ".join(self._tasks) or "none"
            raise ValueError(f"There is no prompt of that name: the prompts here are {known}.")
        missing = [
            argument
            for argument, (_, required) in task.arguments.items()
            if required and not arguments.get(argument, "").strip()
        ]
        if missing:
            raise ValueError(f"{name} needs {', '.join(missing)}.")
        given = {argument: arguments.get(argument) or "not said" for argument in task.arguments}
        text = TextContent(text=task.text.format(**given))
        message = PromptMessage(role="user", content=text)
        return GetPromptResult(description=task.description, messages=[message])
