"""Connected apps and calendars in a world.

Exactly one of the two owners of a credential is named. `calendarFeeds` are the texts (iCalendar)
that stand at the urls of ICS feeds; for other calendars the url is their `externalId`.
"""

from cal_actions.sandbox.worlds import Kind, register

register(Kind("credentials", "credentials"))
register(Kind("selectedCalendars", "selected_calendars"))
register(Kind("destinationCalendars", "destination_calendars"))
register(Kind("calendarFeeds", "calendar_feeds"))
