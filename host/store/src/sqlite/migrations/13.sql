-- Figures: what happened within a minute, an hour or a day, added up when it is written, so that
-- nothing has to be added up when it is read.
CREATE TABLE statistics (
    -- 0 minute, 1 hour, 2 day
    step   INTEGER NOT NULL,
    -- 0 all, 1 a subscription, 2 a source, 3 a destination
    kind   INTEGER NOT NULL,
    -- Its id or name; empty for all.
    key    BLOB NOT NULL,
    -- When it began.
    at     INTEGER NOT NULL,
    counts BLOB NOT NULL,
    PRIMARY KEY (step, kind, key, at)
) WITHOUT ROWID;

-- Deliveries that were canceled and are in no figure yet: it happens in more than one way, and to
-- many at once.
CREATE TABLE canceled (
    at           INTEGER NOT NULL,
    subscription BLOB NOT NULL,
    deliveries   INTEGER NOT NULL,
    PRIMARY KEY (at, subscription)
) WITHOUT ROWID;

CREATE TRIGGER deliveries_canceled AFTER UPDATE OF state ON deliveries
WHEN new.state = 5 AND old.state <> 5
BEGIN
    INSERT INTO canceled
        VALUES (ifnull(new.finished_at, CAST(unixepoch('subsec') * 1000 AS INTEGER)) / 60000 * 60000,
            new.subscription, 1)
        ON CONFLICT DO UPDATE SET deliveries = deliveries + 1;
END;

-- Those that failed and that others wait for.
CREATE INDEX deliveries_in_the_way ON deliveries (subscription, id)
    WHERE turn IS NOT NULL AND (state = 3 OR state = 6);
