-- Numbers by which clients of R-Service's API know webhooks and their policies. AUTOINCREMENT: what
-- is removed takes its number with it.
CREATE TABLE subscription_numbers (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    subscription BLOB NOT NULL UNIQUE
);

CREATE TABLE policy_numbers (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    policy TEXT NOT NULL UNIQUE
);

-- Ids are in the order of time.
INSERT INTO subscription_numbers (subscription) SELECT id FROM subscriptions ORDER BY id;
INSERT INTO policy_numbers (policy) SELECT name FROM policies ORDER BY name;

-- Not INSERT OR IGNORE, which is not what it says within a trigger of an upsert.
CREATE TRIGGER subscriptions_number AFTER INSERT ON subscriptions
WHEN NOT EXISTS (SELECT 1 FROM subscription_numbers WHERE subscription = new.id)
BEGIN
    INSERT INTO subscription_numbers (subscription) VALUES (new.id);
END;

CREATE TRIGGER subscriptions_number_gone AFTER DELETE ON subscriptions
BEGIN
    DELETE FROM subscription_numbers WHERE subscription = old.id;
END;

CREATE TRIGGER policies_number AFTER INSERT ON policies
WHEN NOT EXISTS (SELECT 1 FROM policy_numbers WHERE policy = new.name)
BEGIN
    INSERT INTO policy_numbers (policy) VALUES (new.name);
END;

CREATE TRIGGER policies_number_gone AFTER DELETE ON policies
BEGIN
    DELETE FROM policy_numbers WHERE policy = old.name;
END;
