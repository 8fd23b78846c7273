CREATE TABLE IF NOT EXISTS profiles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    organization_id INTEGER NOT NULL REFERENCES teams(id) ON DELETE CASCADE,
    username TEXT NOT NULL,
    UNIQUE (user_id, organization_id),
    UNIQUE (organization_id, username)
);
