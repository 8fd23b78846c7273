CREATE TABLE IF NOT EXISTS phone_calls (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    agent_id TEXT NOT NULL,
    event_type_id INTEGER NOT NULL REFERENCES event_types(id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    your_phone_number TEXT NOT NULL,
    number_to_call TEXT NOT NULL,
    enabled BOOLEAN NOT NULL DEFAULT 1,
    template_type TEXT NOT NULL DEFAULT 'CUSTOM_TEMPLATE',
    scheduler_name TEXT,
    guest_name TEXT,
    guest_email TEXT,
    guest_company TEXT,
    begin_message TEXT,
    general_prompt TEXT,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS phone_calls_of_event_type ON phone_calls (event_type_id);
CREATE INDEX IF NOT EXISTS phone_calls_of_user ON phone_calls (user_id);
