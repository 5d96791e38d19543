-- Subscriptions whose deliveries fail, or did. Enabling one clears `since` and `disabled_at`.
CREATE TABLE health (
    subscription  BLOB PRIMARY KEY REFERENCES subscriptions (id) ON DELETE CASCADE,
    -- Attempts without one between that delivered.
    consecutive   INTEGER NOT NULL,
    -- When the first of these was.
    since         INTEGER,
    last_error    TEXT,
    last_error_at INTEGER,
    -- When it was disabled because of them.
    disabled_at   INTEGER
) WITHOUT ROWID;
