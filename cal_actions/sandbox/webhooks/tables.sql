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
CREATE INDEX IF NOT EXISTS webhooks_of_event_type ON webhooks (event_type_id)
    WHERE event_type_id IS NOT NULL;

CREATE TABLE IF NOT EXISTS webhook_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id TEXT NOT NULL,
    trigger_event TEXT NOT NULL,
    subscriber_url TEXT NOT NULL,
    payload JSON NOT NULL,
    headers JSON NOT NULL,
    body TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending',
    response_status INTEGER,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS webhook_deliveries_pending ON webhook_deliveries (id)
    WHERE status = 'pending';
