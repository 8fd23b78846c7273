CREATE TABLE IF NOT EXISTS slot_reservations (
    uid TEXT PRIMARY KEY,
    event_type_id INTEGER NOT NULL REFERENCES event_types(id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reservations_of_user ON slot_reservations (user_id, starts_at);
CREATE INDEX IF NOT EXISTS reservations_of_event_type
    ON slot_reservations (event_type_id, starts_at);
