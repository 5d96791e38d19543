-- Deliveries that follow each other, within their subscription, stand in a lane. `turn` is the
-- place in it, until the delivery is in nobody's way any more. Those behind another are pending
-- and due at no time: whoever ends gives its turn to the next.
ALTER TABLE deliveries ADD COLUMN lane BLOB;
ALTER TABLE deliveries ADD COLUMN turn INTEGER;
CREATE INDEX deliveries_in_lane ON deliveries (subscription, lane, turn) WHERE turn IS NOT NULL;

-- What is due, for each who has to bear the requests: first what was never tried, then the rest.
CREATE INDEX deliveries_in_queue
    ON deliveries (ifnull(connection, subscription), attempts > 0, next_attempt_at)
    WHERE state = 0 AND next_attempt_at IS NOT NULL;
