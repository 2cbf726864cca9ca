-- Take one token from a bucket for what can be done without a key. No row: it is empty.
INSERT INTO door_limits AS d (subject, tokens)
VALUES (%(subject)s, %(burst)s - 1)
ON CONFLICT (subject) DO UPDATE
    SET
        tokens = least(
            %(burst)s,
            d.tokens + greatest(0, extract(EPOCH FROM now() - d.refilled_at)) * %(per_hour)s / 3600
        ) - 1,
        refilled_at = greatest(now(), d.refilled_at)
    WHERE least(
        %(burst)s,
        d.tokens + greatest(0, extract(EPOCH FROM now() - d.refilled_at)) * %(per_hour)s / 3600
    ) >= 1
RETURNING tokens
