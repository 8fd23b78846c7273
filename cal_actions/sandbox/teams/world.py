"""Teams and memberships in a world; an organization is a team that says `isOrganization`."""

from cal_actions.sandbox.teams.records import PROFILE_WORDS
from cal_actions.sandbox.worlds import Kind, register

register(Kind("teams", "teams", rest="profile", rest_words=PROFILE_WORDS))
register(Kind("memberships", "memberships"))
