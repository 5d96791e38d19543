-- Addresses whose owners have confirmed that they want what is sent there: their SHA-256.
CREATE TABLE confirmed (
    address BLOB PRIMARY KEY,
    at      INTEGER NOT NULL
) WITHOUT ROWID;
