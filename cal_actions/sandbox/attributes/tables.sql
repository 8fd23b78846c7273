CREATE TABLE IF NOT EXISTS attributes (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    team_id INTEGER NOT NULL REFERENCES teams(id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    slug TEXT NOT NULL UNIQUE,
    enabled BOOLEAN NOT NULL DEFAULT 1,
    users_can_edit_relation BOOLEAN NOT NULL DEFAULT 0,
    is_weights_enabled BOOLEAN NOT NULL DEFAULT 0,
    is_locked BOOLEAN NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT
);
CREATE INDEX IF NOT EXISTS attributes_of_team ON attributes (team_id);

CREATE TABLE IF NOT EXISTS attribute_options (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    attribute_id TEXT NOT NULL REFERENCES attributes(id) ON DELETE CASCADE,
    value TEXT NOT NULL,
    slug TEXT NOT NULL,
    is_group BOOLEAN NOT NULL DEFAULT 0,
    contains JSON NOT NULL DEFAULT '[]'
);
CREATE INDEX IF NOT EXISTS attribute_options_of_attribute ON attribute_options (attribute_id);

CREATE TABLE IF NOT EXISTS attribute_assignments (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    member_id INTEGER NOT NULL REFERENCES memberships(id) ON DELETE CASCADE,
    attribute_option_id TEXT NOT NULL REFERENCES attribute_options(id) ON DELETE CASCADE,
    weight INTEGER,
    created_at TEXT NOT NULL,
    UNIQUE (member_id, attribute_option_id)
);
CREATE INDEX IF NOT EXISTS attribute_assignments_of_option
    ON attribute_assignments (attribute_option_id);
