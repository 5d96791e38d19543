-- Webhook policies. `keys` are the public parts of generated keys, newest first; `sealed` is the
-- private part of the one that signs.
CREATE TABLE policies (
    name   TEXT PRIMARY KEY,
    doc    TEXT NOT NULL,
    keys   TEXT NOT NULL,
    sealed BLOB
) WITHOUT ROWID;
