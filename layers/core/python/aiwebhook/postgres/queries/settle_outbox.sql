-- After the commit of a change: forget what was pushed, wake the readers, one NOTIFY at a time (see
-- settle.sql). Never inside the change itself: a NOTIFY serialises commits. Losing this statement
-- loses nothing: the sweep pushes again, readers poll.
WITH pushed AS (
    DELETE FROM outbox WHERE outbox_id = ANY(%(outbox_ids)s::bigint[]) RETURNING outbox_id
)
SELECT
    set_config('synchronous_commit', 'off', true),
    (SELECT count(*) FROM pushed) AS pushed,
    CASE
        WHEN pg_try_advisory_xact_lock(hashtext('aiwebhook.notify'))
            THEN pg_notify('aiwebhook', '') IS NULL
    END AS notified
