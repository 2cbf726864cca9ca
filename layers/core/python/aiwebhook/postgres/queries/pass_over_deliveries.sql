-- Give up claimed deliveries of subscriptions without sending them, with the reasons for their
-- logs. No attempt is counted and no alert raised: nobody is at fault.
UPDATE deliveries d
SET
    status = 'dead',
    attempts = d.attempts - 1,
    next_attempt_at = NULL,
    leased_until = NULL,
    log = d.log || jsonb_build_array(jsonb_build_object(
        'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'error', o.reason
    ))
FROM
    unnest(
        %(delivery_ids)s::text[], %(leases)s::timestamptz[], %(reasons)s::text[]
    ) AS o (delivery_id, leased_until, reason)
WHERE d.delivery_id = o.delivery_id AND d.status = 'pending' AND d.leased_until = o.leased_until
RETURNING d.delivery_id
