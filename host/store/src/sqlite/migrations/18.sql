-- With row ids: a row of a table without them may fill a quarter of a page, and the rest of a larger
-- one, as most requests are, took a page of its own.
CREATE TABLE requests_with_ids (
    delivery BLOB NOT NULL,
    position INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    head     TEXT NOT NULL,
    body     BLOB NOT NULL,
    PRIMARY KEY (delivery, position, revision)
);
INSERT INTO requests_with_ids SELECT delivery, position, revision, head, body FROM requests;
DROP TABLE requests;
ALTER TABLE requests_with_ids RENAME TO requests;
