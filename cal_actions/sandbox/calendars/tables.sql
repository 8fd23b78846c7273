CREATE TABLE IF NOT EXISTS credentials (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    app_id TEXT NOT NULL,
    user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
    team_id INTEGER REFERENCES teams(id) ON DELETE CASCADE,
    invalid BOOLEAN NOT NULL DEFAULT 0,
    key JSON NOT NULL DEFAULT '{}',
    CHECK ((user_id IS NULL) <> (team_id IS NULL))
);
CREATE INDEX IF NOT EXISTS credentials_of_user ON credentials (user_id, type);
CREATE INDEX IF NOT EXISTS credentials_of_team ON credentials (team_id, type);

CREATE TABLE IF NOT EXISTS selected_calendars (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    credential_id INTEGER NOT NULL REFERENCES credentials(id) ON DELETE CASCADE,
    integration TEXT NOT NULL,
    external_id TEXT NOT NULL,
    UNIQUE (credential_id, external_id)
);
CREATE INDEX IF NOT EXISTS selected_calendars_of_user ON selected_calendars (user_id);

CREATE TABLE IF NOT EXISTS destination_calendars (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users(id) ON DELETE CASCADE,
    credential_id INTEGER REFERENCES credentials(id) ON DELETE CASCADE,
    integration TEXT NOT NULL DEFAULT '',
    external_id TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL,
    updated_at TEXT
);

CREATE TABLE IF NOT EXISTS calendar_feeds (
    url TEXT PRIMARY KEY,
    ics TEXT NOT NULL
);
