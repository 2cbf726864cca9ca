-- Undo a claim that led to no attempt: the attempt is not counted.
UPDATE deliveries
SET
    attempts = attempts - 1,
    leased_until = NULL,
    next_attempt_at = now() + make_interval(secs => %(delay_s)s)
WHERE delivery_id = %(delivery_id)s
    AND status = 'pending'
    AND leased_until = %(leased_until)s
RETURNING delivery_id
