-- When the value of a secret was set.
ALTER TABLE secrets ADD COLUMN set_at INTEGER;

-- Answers to requests that carried a key by which they are known when they are sent again.
CREATE TABLE idempotency (
    -- Of whoever asked, and the key.
    id     BLOB PRIMARY KEY,
    at     INTEGER NOT NULL,
    -- The request's fingerprint and the answer, sealed: an answer may hold a token. The answer is
    -- missing while the request is worked on.
    sealed BLOB NOT NULL
) WITHOUT ROWID;

CREATE INDEX idempotency_at ON idempotency (at);
