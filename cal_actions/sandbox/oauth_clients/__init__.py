"""OAuth clients of platforms, their managed users and tokens."""
