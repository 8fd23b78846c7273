"""Webhooks of users, event types, organizations and OAuth clients."""
