"""Profiles in a world: which user is in which organization, under which name."""

from cal_actions.sandbox.worlds import Kind, register

register(Kind("profiles", "profiles"))
