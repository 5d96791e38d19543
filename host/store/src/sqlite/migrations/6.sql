-- Helpdesks' own interfaces, through which fields and comments are written back.
CREATE TABLE connections (
    id   BLOB PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    doc  TEXT NOT NULL
) WITHOUT ROWID;

-- Through which of them a delivery writes back, by name.
ALTER TABLE deliveries ADD COLUMN connection TEXT;

-- The deliveries that a delivery's answers caused.
CREATE INDEX deliveries_by_parent ON deliveries (parent) WHERE parent IS NOT NULL;
