-- Why the last test of a subscription failed. It counts as no failure, and disables nothing.
ALTER TABLE health ADD COLUMN test_error TEXT;
