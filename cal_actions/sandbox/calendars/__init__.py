"""Connected calendars, ICS feeds, their busy times, selected and destination calendars."""
