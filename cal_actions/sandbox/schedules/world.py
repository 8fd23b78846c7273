"""Schedules in a world. Which one is a user's default stands at the user."""

from cal_actions.sandbox.worlds import Kind, register

register(Kind("schedules", "schedules", renamed={"ownerId": "user_id"}))
