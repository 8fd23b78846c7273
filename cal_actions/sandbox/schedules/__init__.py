"""Schedules: when a user can be booked."""
