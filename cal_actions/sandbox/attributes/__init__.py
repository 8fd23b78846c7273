"""Attributes of organizations, their options, and which member has which option."""
