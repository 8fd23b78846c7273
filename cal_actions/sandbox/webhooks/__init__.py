"""Webhooks of users, event types, teams, organizations and OAuth clients, and sending them."""
