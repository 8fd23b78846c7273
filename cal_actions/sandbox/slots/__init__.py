"""Open slots and their reservation."""
