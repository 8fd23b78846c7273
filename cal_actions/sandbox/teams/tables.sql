CREATE TABLE IF NOT EXISTS teams (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parent_id INTEGER REFERENCES teams(id) ON DELETE CASCADE,
    is_organization BOOLEAN NOT NULL DEFAULT 0,
    is_platform BOOLEAN NOT NULL DEFAULT 0,
    name TEXT NOT NULL,
    slug TEXT,
    profile JSON NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    UNIQUE (parent_id, slug)
);

CREATE TABLE IF NOT EXISTS memberships (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    team_id INTEGER NOT NULL REFERENCES teams(id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    role TEXT NOT NULL DEFAULT 'MEMBER',
    accepted BOOLEAN NOT NULL DEFAULT 0,
    disable_impersonation BOOLEAN NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT,
    UNIQUE (team_id, user_id)
);
CREATE INDEX IF NOT EXISTS memberships_of_user ON memberships (user_id);
