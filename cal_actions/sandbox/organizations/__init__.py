"""Organizations with their users, memberships and schedules."""
