CREATE TABLE IF NOT EXISTS users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    name TEXT,
    email TEXT NOT NULL UNIQUE,
    time_zone TEXT NOT NULL DEFAULT 'UTC',
    time_format INTEGER NOT NULL DEFAULT 12,
    week_start TEXT NOT NULL DEFAULT 'Sunday',
    default_schedule_id INTEGER REFERENCES schedules(id) ON DELETE SET NULL,
    oauth_client_id TEXT REFERENCES oauth_clients(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    profile JSON NOT NULL DEFAULT '{}'
);

CREATE TABLE IF NOT EXISTS api_keys (
    key TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    expires_at TEXT,
    rate_limit JSON
);
CREATE INDEX IF NOT EXISTS api_keys_of_user ON api_keys (user_id);
