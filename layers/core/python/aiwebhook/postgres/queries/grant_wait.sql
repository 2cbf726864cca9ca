-- Grant a request to be held, unless the function already holds as many as it may, or as many of
-- this holder as it may. No row: it is refused. Also removes the waits of processes that died.
WITH expired AS (
    DELETE FROM granted_waits
    WHERE function = %(function)s AND expires_at <= now()
), held AS (
    SELECT count(*) AS waits, count(*) FILTER (WHERE holder = %(holder)s) AS own
    FROM granted_waits
    WHERE function = %(function)s AND expires_at > now()
)
INSERT INTO granted_waits (wait_id, function, holder, expires_at)
SELECT
    %(wait_id)s, %(function)s, %(holder)s, now() + make_interval(secs => %(wait_s)s)
FROM held
WHERE held.waits < %(max_waits)s AND held.own < %(max_own)s
