-- 8
-- The number by which people know a ticket, where the helpdesk gives one. Null in events that were
-- taken in before: their bodies are packed.
ALTER TABLE events ADD COLUMN number TEXT;

CREATE INDEX events_by_number ON events (number, id) WHERE number IS NOT NULL;

-- Now also for who does not name the source; with the ids, so that no row is looked up for them.
DROP INDEX events_by_subject;
CREATE INDEX events_by_subject ON events (subject, source, id) WHERE subject IS NOT NULL;

-- For rare types. Of common ones there is one on every page.
CREATE INDEX events_by_type ON events (type, id);

-- For states that are rare: what was delivered is in none of these. Written with OR, since so, and
-- not with IN, SQLite knows that `state = 3` is in the index.
DROP INDEX deliveries_troubled;
DROP INDEX deliveries_unknown;
CREATE INDEX deliveries_by_state ON deliveries (state)
    WHERE state = 0 OR state = 3 OR state = 4 OR state = 5 OR state = 6;
CREATE INDEX deliveries_by_subscription_and_state ON deliveries (subscription, state)
    WHERE state = 3 OR state = 4 OR state = 5 OR state = 6;

-- For answers other than a success.
CREATE INDEX deliveries_by_status ON deliveries (last_status) WHERE last_status >= 300;
