"""Connected apps and calendars in a world.

Exactly one of the two owners of a credential is named. `calendarFeeds` are the texts (iCalendar)
that stand at the urls of ICS feeds; for other calendars the url is their `externalId`.
"""

from cal_actions.sandbox.worlds import Kind, register

CREDENTIALS = register(Kind("credentials", "credentials"))
SELECTED_CALENDARS = register(Kind("selectedCalendars", "selected_calendars"))
DESTINATION_CALENDARS = register(Kind("destinationCalendars", "destination_calendars"))
CALENDAR_FEEDS = register(Kind("calendarFeeds", "calendar_feeds"))
