-- With row ids, what is noted is added at the end. Without them it stood by its delivery's id:
-- deliveries end in another order than they began, so that each commit wrote many pages for a few
-- rows. And where a row filled more than a quarter of a page, as most requests do, the rest took a
-- page of its own.
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

CREATE TABLE attempts_with_ids (
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
);
INSERT INTO attempts_with_ids
    SELECT id, delivery, number, started_at, status, detail, sent_body, received_body FROM attempts;
DROP TABLE attempts;
ALTER TABLE attempts_with_ids RENAME TO attempts;
