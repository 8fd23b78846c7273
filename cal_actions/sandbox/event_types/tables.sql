CREATE TABLE IF NOT EXISTS event_types (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
    team_id INTEGER REFERENCES teams(id) ON DELETE CASCADE,
    parent_id INTEGER REFERENCES event_types(id) ON DELETE CASCADE,
    scheduling_type TEXT,
    assign_all_team_members BOOLEAN NOT NULL DEFAULT 0,
    slug TEXT NOT NULL,
    title TEXT NOT NULL,
    length_in_minutes INTEGER NOT NULL,
    schedule_id INTEGER REFERENCES schedules(id) ON DELETE SET NULL,
    hidden BOOLEAN NOT NULL DEFAULT 0,
    settings JSON NOT NULL,
    UNIQUE (user_id, slug),
    UNIQUE (team_id, slug),
    CHECK ((user_id IS NULL) <> (team_id IS NULL))
);
CREATE INDEX IF NOT EXISTS event_types_of_parent ON event_types (parent_id)
    WHERE parent_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS event_type_hosts (
    event_type_id INTEGER NOT NULL REFERENCES event_types(id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    mandatory BOOLEAN NOT NULL DEFAULT 0,
    priority TEXT NOT NULL DEFAULT 'medium',
    PRIMARY KEY (event_type_id, user_id)
);
CREATE INDEX IF NOT EXISTS event_types_of_host ON event_type_hosts (user_id);
