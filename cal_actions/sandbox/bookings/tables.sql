CREATE TABLE IF NOT EXISTS bookings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    event_type_id INTEGER REFERENCES event_types(id) ON DELETE SET NULL,
    recurring_uid TEXT,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL DEFAULT 'accepted',
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    location TEXT,
    metadata JSON NOT NULL DEFAULT '{}',
    responses JSON NOT NULL DEFAULT '{}',
    guests JSON NOT NULL DEFAULT '[]',
    is_seated BOOLEAN NOT NULL DEFAULT 0,
    absent_host BOOLEAN NOT NULL DEFAULT 0,
    cancellation_reason TEXT,
    rescheduling_reason TEXT,
    rescheduled_by TEXT,
    rescheduled_from TEXT,
    rescheduled_to TEXT,
    rejection_reason TEXT,
    rating INTEGER,
    ics_uid TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE INDEX IF NOT EXISTS bookings_of_user ON bookings (user_id, status, starts_at, ends_at);
CREATE INDEX IF NOT EXISTS bookings_of_event_type ON bookings (event_type_id, starts_at);
CREATE INDEX IF NOT EXISTS bookings_of_series ON bookings (recurring_uid)
    WHERE recurring_uid IS NOT NULL;

CREATE TABLE IF NOT EXISTS attendees (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id INTEGER NOT NULL REFERENCES bookings(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL DEFAULT 'en',
    phone_number TEXT,
    absent BOOLEAN NOT NULL DEFAULT 0,
    is_host BOOLEAN NOT NULL DEFAULT 0,
    seat_uid TEXT,
    responses JSON,
    metadata JSON
);
CREATE INDEX IF NOT EXISTS attendees_of_booking ON attendees (booking_id);
CREATE INDEX IF NOT EXISTS attendees_by_email ON attendees (email);
