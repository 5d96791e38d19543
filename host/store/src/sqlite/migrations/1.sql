-- Times are milliseconds since 1970, ids are the 16 bytes of a UUIDv7, documents are JSON. Bodies
-- (`body`, `data`, `…_body`) are packed: a byte that says how, then the bytes.
--
-- Rows of the journal refer to each other without constraints: they are written in order by one
-- writer, and checking each of them again costs a lookup a row.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- What helpdesks posted. Several events can come from one post.
CREATE TABLE originals (
    id      INTEGER PRIMARY KEY,
    headers TEXT NOT NULL,
    body    BLOB NOT NULL
);

CREATE TABLE events (
    id            BLOB PRIMARY KEY,
    original      INTEGER NOT NULL,
    source        TEXT NOT NULL,
    type          TEXT NOT NULL,
    subject       TEXT,
    occurred_at   INTEGER NOT NULL,
    received_at   INTEGER NOT NULL,
    data_schema   TEXT NOT NULL,
    data          BLOB NOT NULL,
    upstream_name TEXT,
    dedupe_key    TEXT
);

-- The queue and the journal are the same rows.
CREATE TABLE deliveries (
    id              BLOB PRIMARY KEY,
    event           BLOB NOT NULL,
    subscription    BLOB NOT NULL,
    parent          BLOB,
    follow_up       TEXT,
    -- 0 pending, 1 running, 2 delivered, 3 failed, 4 skipped, 5 canceled
    state           INTEGER NOT NULL,
    digest          BLOB,
    position        INTEGER NOT NULL DEFAULT 0,
    resends         INTEGER NOT NULL DEFAULT 0,
    counted         INTEGER NOT NULL DEFAULT 0,
    attempts        INTEGER NOT NULL DEFAULT 0,
    created_at      INTEGER NOT NULL,
    next_attempt_at INTEGER,
    lease_owner     BLOB,
    lease_until     INTEGER,
    finished_at     INTEGER,
    reason          TEXT,
    remote_id       TEXT,
    last_status     INTEGER,
    transform       TEXT
) WITHOUT ROWID;

CREATE INDEX deliveries_due ON deliveries (next_attempt_at) WHERE state = 0;
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE state = 1;
CREATE INDEX deliveries_by_event ON deliveries (event);
CREATE INDEX deliveries_by_subscription ON deliveries (subscription);
CREATE INDEX deliveries_troubled ON deliveries (state) WHERE state IN (3, 4, 5);

-- Requests as plugins asked for them, secrets unresolved; a changed one is a new revision.
CREATE TABLE requests (
    delivery BLOB NOT NULL,
    position INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    head     TEXT NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (delivery, position, revision)
) WITHOUT ROWID;

CREATE TABLE attempts (
    id            BLOB NOT NULL,
    delivery      BLOB NOT NULL,
    number        INTEGER NOT NULL,
    started_at    INTEGER NOT NULL,
    status        INTEGER,
    detail        TEXT NOT NULL,
    -- Null when it is the body of the request, unchanged.
    sent_body     BLOB,
    received_body BLOB,
    PRIMARY KEY (delivery, number)
) WITHOUT ROWID;

CREATE TABLE sources (
    id   BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    doc  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE subscriptions (
    id   BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    doc  TEXT NOT NULL
) WITHOUT ROWID;

-- In the order they were installed.
CREATE TABLE plugins (
    sequence INTEGER PRIMARY KEY,
    digest   BLOB NOT NULL UNIQUE,
    doc      TEXT NOT NULL,
    bytes    BLOB NOT NULL
);

CREATE TABLE plugin_limits (
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    doc  TEXT NOT NULL,
    PRIMARY KEY (role, name)
) WITHOUT ROWID;

-- SHA-256 of compiled code, which is kept outside and trusted only if it has this.
CREATE TABLE code (
    digest   BLOB NOT NULL,
    runtime  BLOB NOT NULL,
    checksum BLOB NOT NULL,
    PRIMARY KEY (digest, runtime)
) WITHOUT ROWID;

CREATE TABLE secrets (
    name   TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE tokens (
    id   BLOB PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    doc  TEXT NOT NULL
) WITHOUT ROWID;
