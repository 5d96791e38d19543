-- When each token was last used, give or take a minute.
ALTER TABLE tokens ADD COLUMN used_at INTEGER;

-- People who can log in. `password` is a PHC string.
CREATE TABLE users (
    id            BLOB PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    doc           TEXT NOT NULL,
    password      TEXT NOT NULL,
    last_login_at INTEGER
) WITHOUT ROWID;

-- Who is logged in. `hash` is that of the cookie, which is not kept.
CREATE TABLE sessions (
    hash    BLOB PRIMARY KEY,
    user    BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    address TEXT NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_by_user ON sessions (user);

-- Who did what. Ids are in the order of time.
CREATE TABLE audit (
    id          BLOB PRIMARY KEY,
    actor_kind  TEXT NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target      TEXT NOT NULL,
    -- What became different.
    changes     TEXT NOT NULL,
    at          INTEGER NOT NULL,
    address     TEXT
) WITHOUT ROWID;

CREATE INDEX audit_by_actor ON audit (actor, id);
CREATE INDEX audit_by_target ON audit (target, id);
