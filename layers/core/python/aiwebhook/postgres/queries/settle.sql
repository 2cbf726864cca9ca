-- What follows a commit, in one statement that waits for no disk: forget what was pushed, wake the
-- readers, and take what this caller has not been told of the session. Losing it loses no effect.
WITH reader AS (
    SELECT s.session_id, s.last_seq, coalesce(r.seen_seq, 0) AS seen_seq
    FROM sessions AS s
    LEFT JOIN reader_cursors AS r ON r.key_id = %(key_id)s AND r.session_id = s.session_id
    WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s
), unseen AS MATERIALIZED (
    SELECT e.seq, e.type, e.created_at AS time, e.task_id, e.data
    FROM reader
    JOIN events AS e
        ON e.project_id = %(project_id)s
        AND e.session_id = reader.session_id
        AND e.seq > reader.seen_seq
    WHERE e.type = ANY(%(told)s) AND e.event_no <> ALL(%(own_events)s::bigint[])
    ORDER BY e.seq
    LIMIT %(limit)s
), told AS (
    INSERT INTO reader_cursors AS r (key_id, project_id, session_id, seen_seq)
    SELECT
        %(key_id)s, %(project_id)s, reader.session_id,
        CASE WHEN counted.rows = %(limit)s THEN counted.last_seq ELSE reader.last_seq END
    FROM reader, (SELECT count(*) AS rows, max(seq) AS last_seq FROM unseen) AS counted
    -- The cursor also moves over what the caller did itself, and when nothing was told for long, so
    -- that the next search stays short.
    WHERE counted.rows > 0
        OR reader.last_seq >= reader.seen_seq + 100
        OR %(own_events)s::bigint[] <> '{}'
    ON CONFLICT (key_id, session_id) DO UPDATE
    SET seen_seq = greatest(r.seen_seq, excluded.seen_seq)
), pushed AS (
    DELETE FROM outbox WHERE outbox_id = ANY(%(pushed)s::bigint[])
), amended AS (
    UPDATE idempotency_keys
    SET outcome = outcome || %(amend)s::jsonb
    WHERE project_id = %(project_id)s AND key = %(idempotency_key)s AND %(amend)s::jsonb IS NOT NULL
)
SELECT
    set_config('synchronous_commit', 'off', true) AS durability,
    (SELECT last_seq FROM reader) AS cursor,
    coalesce((SELECT jsonb_agg(to_jsonb(unseen) ORDER BY seq) FROM unseen), '[]') AS updates,
    -- NOTIFY serialises commits, so one at a time is enough: who holds the lock notifies when he
    -- commits, which is after our commit; readers see our change then.
    CASE
        WHEN %(changed)s AND pg_try_advisory_xact_lock(hashtext('aiwebhook.notify'))
        THEN pg_notify('aiwebhook', '') IS NULL
    END AS notified
