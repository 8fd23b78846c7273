CREATE TABLE IF NOT EXISTS schedules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    availability JSON NOT NULL,
    overrides JSON NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS schedules_of_user ON schedules (user_id);
