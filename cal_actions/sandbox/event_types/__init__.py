"""Event types: what can be booked, of users and of teams."""
