-- Jobs that deliver again. `cursor` is the id of the delivery or the event up to which everything
-- has been looked at; it moves in the commit that makes the deliveries.
CREATE TABLE replays (
    id     BLOB PRIMARY KEY,
    -- 0 ready, 1 running, 2 paused, 3 done, 4 canceled, 5 failed
    state  INTEGER NOT NULL,
    doc    TEXT NOT NULL,
    cursor BLOB
) WITHOUT ROWID;
