"""Conferencing apps: which are connected, and which one meetings take place in."""
