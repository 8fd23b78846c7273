"""Stripe accounts of users and teams: connected without asking Stripe."""
