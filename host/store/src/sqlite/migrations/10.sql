-- Which events came with one post: it goes with the last of them.
CREATE INDEX events_by_original ON events (original);

-- Whether something was taken out of the event, or of what belongs to it, that would be needed
-- to deliver it again.
ALTER TABLE events ADD COLUMN redacted INTEGER NOT NULL DEFAULT 0;

-- Events to be redacted when their deliveries have ended. One that is looked at before leaves; the
-- end of its last delivery puts it here again. There are rules if `meta` has `redaction`.
CREATE TABLE to_redact (
    event BLOB PRIMARY KEY,
    due   INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX to_redact_due ON to_redact (due);

-- An event that nobody takes ends nowhere: it is looked at after a while.
CREATE TRIGGER events_to_redact AFTER INSERT ON events
WHEN EXISTS (SELECT 1 FROM meta WHERE key = 'redaction')
BEGIN
    INSERT OR REPLACE INTO to_redact VALUES (new.id, new.received_at + 10000);
END;

CREATE TRIGGER deliveries_to_redact AFTER UPDATE OF state ON deliveries
WHEN new.state NOT IN (0, 1) AND EXISTS (SELECT 1 FROM meta WHERE key = 'redaction')
BEGIN
    INSERT OR REPLACE INTO to_redact VALUES (new.event, 0);
END;
