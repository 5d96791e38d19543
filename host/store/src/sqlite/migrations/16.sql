-- Outages of subscriptions that people are told of by mail: one at a time for each.
CREATE TABLE outages (
    subscription BLOB PRIMARY KEY REFERENCES subscriptions (id) ON DELETE CASCADE,
    id           BLOB NOT NULL,
    since        INTEGER NOT NULL,
    -- Deliveries that failed for good.
    failed       INTEGER NOT NULL,
    words        TEXT,
    -- As a list in JSON.
    recipients   TEXT NOT NULL
) WITHOUT ROWID;

-- Mails, one for each recipient. Those that were sent stay for a while, so that none is sent twice.
CREATE TABLE mails (
    id         BLOB PRIMARY KEY,
    -- The outage, or the mail itself.
    thread     BLOB NOT NULL,
    -- 0 first, 1 last.
    part       INTEGER NOT NULL,
    recipient  TEXT NOT NULL,
    doc        TEXT NOT NULL,
    words      TEXT,
    created_at INTEGER NOT NULL,
    due        INTEGER NOT NULL,
    tries      INTEGER NOT NULL,
    -- 0 waits, 1 sent, 2 given up.
    state      INTEGER NOT NULL,
    UNIQUE (thread, part, recipient)
) WITHOUT ROWID;

CREATE INDEX mails_due ON mails (due) WHERE state = 0;
