CREATE TABLE IF NOT EXISTS webhooks (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    user_id INTEGER REFERENCES users(id) ON DELETE CASCADE,
    event_type_id INTEGER REFERENCES event_types(id) ON DELETE CASCADE,
    team_id INTEGER REFERENCES teams(id) ON DELETE CASCADE,
    oauth_client_id TEXT REFERENCES oauth_clients(id) ON DELETE CASCADE,
    subscriber_url TEXT NOT NULL,
    triggers JSON NOT NULL,
    active BOOLEAN NOT NULL,
    payload_template TEXT,
    secret TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (user_id, subscriber_url)
);
