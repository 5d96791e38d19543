-- Events that were taken in and must not be again, by what they prove themselves the same by.
CREATE TABLE once (
    source     TEXT NOT NULL,
    key        BLOB NOT NULL,
    event      BLOB NOT NULL,
    type       TEXT NOT NULL,
    deliveries INTEGER NOT NULL,
    until      INTEGER NOT NULL,
    PRIMARY KEY (source, key)
) WITHOUT ROWID;

CREATE INDEX once_until ON once (until);

-- Posts that could not be read. The same post, sent again, is the same row.
CREATE TABLE rejects (
    id      BLOB PRIMARY KEY,
    source  TEXT NOT NULL,
    hash    BLOB NOT NULL,
    times   INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    detail  TEXT NOT NULL,
    headers TEXT NOT NULL,
    body    BLOB NOT NULL,
    size    INTEGER NOT NULL,
    UNIQUE (source, hash)
);

-- The last event of a ticket, which the next one is compared with.
CREATE INDEX events_by_subject ON events (source, subject) WHERE subject IS NOT NULL;
