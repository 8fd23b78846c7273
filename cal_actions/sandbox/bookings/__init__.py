"""Bookings, from the request to the calendar entry and what happens to it later."""
