-- Since when the request at `position` is tried: some are, for a time and not a number of times.
ALTER TABLE deliveries ADD COLUMN tried_since INTEGER;

-- State 6: unknown, as a request was sent and no answer came.
CREATE INDEX deliveries_unknown ON deliveries (state) WHERE state = 6;
