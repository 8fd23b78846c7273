CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    name TEXT,
    email TEXT NOT NULL UNIQUE,
    time_zone TEXT NOT NULL,
    time_format INTEGER NOT NULL,
    week_start TEXT NOT NULL,
    default_schedule_id INTEGER,
    organization TEXT NOT NULL DEFAULT 'null',
    profile TEXT NOT NULL DEFAULT '{}'
);

CREATE TABLE IF NOT EXISTS api_keys (
    key TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id),
    expires_at TEXT,
    rate_limit TEXT
);

CREATE TABLE IF NOT EXISTS schedules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id),
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    availability TEXT NOT NULL,
    overrides TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS schedules_of_user ON schedules (user_id);

CREATE TABLE IF NOT EXISTS event_types (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id),
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    length_in_minutes INTEGER NOT NULL,
    schedule_id INTEGER,
    hidden INTEGER NOT NULL DEFAULT 0,
    settings TEXT NOT NULL,
    UNIQUE (user_id, slug)
);

CREATE TABLE IF NOT EXISTS bookings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uid TEXT NOT NULL UNIQUE,
    user_id INTEGER NOT NULL REFERENCES users(id),
    event_type_id INTEGER,
    recurring_uid TEXT,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    location TEXT,
    metadata TEXT NOT NULL DEFAULT '{}',
    responses TEXT NOT NULL DEFAULT '{}',
    guests TEXT NOT NULL DEFAULT '[]',
    is_seated INTEGER NOT NULL DEFAULT 0,
    absent_host INTEGER NOT NULL DEFAULT 0,
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
CREATE INDEX IF NOT EXISTS bookings_of_user ON bookings (user_id, status, starts_at);
CREATE INDEX IF NOT EXISTS bookings_of_event_type ON bookings (event_type_id, starts_at);
CREATE INDEX IF NOT EXISTS bookings_of_series ON bookings (recurring_uid)
    WHERE recurring_uid IS NOT NULL;

CREATE TABLE IF NOT EXISTS attendees (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id INTEGER NOT NULL REFERENCES bookings(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    language TEXT NOT NULL,
    phone_number TEXT,
    absent INTEGER NOT NULL DEFAULT 0,
    seat_uid TEXT,
    responses TEXT,
    metadata TEXT
);
CREATE INDEX IF NOT EXISTS attendees_of_booking ON attendees (booking_id);
CREATE INDEX IF NOT EXISTS attendees_by_email ON attendees (email);

CREATE TABLE IF NOT EXISTS slot_reservations (
    uid TEXT PRIMARY KEY,
    event_type_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    starts_at TEXT NOT NULL,
    ends_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reservations_of_user ON slot_reservations (user_id, starts_at);

CREATE TABLE IF NOT EXISTS webhooks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_id INTEGER REFERENCES users(id),
    event_type_id INTEGER,
    subscriber_url TEXT NOT NULL,
    triggers TEXT NOT NULL,
    active INTEGER NOT NULL,
    payload_template TEXT,
    secret TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (user_id, subscriber_url)
);
