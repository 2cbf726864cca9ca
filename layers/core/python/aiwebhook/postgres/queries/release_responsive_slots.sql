-- Gives back this connection's slots for receivers that are known to answer, and keeps the others.
SELECT pg_advisory_unlock(slot.key) AS released
FROM (
    SELECT
        hashtextextended(
            concat_ws(':', 'callback', %(lane)s::text, true, project_id, slot), 0
        ) AS key
    FROM unnest(%(project_ids)s::text[]) AS project_id
    CROSS JOIN generate_series(1, %(share)s::integer) AS slot
) AS slot
JOIN pg_locks held
    ON held.pid = pg_backend_pid()
    AND held.locktype = 'advisory'
    AND (held.classid::bigint << 32) | held.objid::bigint = slot.key
