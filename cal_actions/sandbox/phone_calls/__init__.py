"""Phone calls by a voice agent about an event type of a team: written down, never dialled."""
