"""When a host is free: hours, busy times, limits and seats put together."""
