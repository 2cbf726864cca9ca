-- A page of a project's log, oldest first: events older than `days` are deleted. Pending ones stay:
-- every event of a task that has not ended, and whatever a callback row or the outbox still refers
-- to. The newest event of a session stays for ever, so that `seq` never starts again. Deleted
-- events leave their position as the floor, and the number of those not acknowledged. `apply`
-- false: only counts, as though callbacks older than `delivery_days` had been deleted (null: none
-- are).
WITH page AS MATERIALIZED (
    SELECT e.event_no, e.xid, e.session_id, e.seq, e.task_id, e.created_at
    FROM events e
    WHERE e.project_id = %(project_id)s
        AND (e.xid, e.event_no) > (
            coalesce(%(marker)s::jsonb ->> 0, '0')::xid8,
            coalesce((%(marker)s::jsonb ->> 1)::bigint, 0)
        )
    ORDER BY e.xid, e.event_no
    LIMIT %(limit)s
),
past AS MATERIALIZED (
    SELECT p.xid, p.event_no
    FROM page p
    WHERE p.created_at < now() - make_interval(days => %(days)s)
        AND (
            p.session_id IS NULL
            OR EXISTS (
                SELECT
                FROM events n
                WHERE n.project_id = %(project_id)s
                    AND n.session_id = p.session_id
                    AND n.seq > p.seq
            )
        )
        AND NOT EXISTS (
            SELECT
            FROM tasks t
            WHERE t.project_id = %(project_id)s
                AND t.task_id = p.task_id
                AND t.status NOT IN ('completed', 'failed', 'cancelled')
        )
        AND NOT EXISTS (
            SELECT
            FROM deliveries d
            WHERE d.project_id = %(project_id)s
                AND d.event_no = p.event_no
                AND (
                    %(apply)s
                    OR d.status NOT IN ('delivered', 'dead')
                    OR d.leased_until > now()
                    OR coalesce(
                        d.created_at >= now() - make_interval(days => %(delivery_days)s::integer),
                        true
                    )
                )
        )
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.event_no = p.event_no)
),
pruned AS (
    DELETE FROM events e
    USING past p
    WHERE e.project_id = %(project_id)s
        AND e.xid = p.xid
        AND e.event_no = p.event_no
        AND %(apply)s
    RETURNING e.event_no, e.xid, e.session_id, e.seq
),
floor AS (
    INSERT INTO feed_floors AS f (project_id, xid, event_no)
    SELECT %(project_id)s, p.xid, p.event_no
    FROM pruned p
    ORDER BY p.xid DESC, p.event_no DESC
    LIMIT 1
    ON CONFLICT (project_id) DO UPDATE
        SET xid = excluded.xid, event_no = excluded.event_no
        WHERE (f.xid, f.event_no) < (excluded.xid, excluded.event_no)
),
session_floor AS (
    INSERT INTO session_floors AS f (project_id, session_id, seq, unacknowledged)
    SELECT
        s.project_id,
        s.session_id,
        max(p.seq),
        count(u.event_no)
    FROM pruned p
    LEFT JOIN unacknowledged_news u
        ON u.project_id = %(project_id)s
        AND u.spent IN (false, true)
        AND u.event_no = p.event_no
    JOIN sessions s ON s.project_id = %(project_id)s AND s.session_id = p.session_id
    GROUP BY s.project_id, s.session_id
    ORDER BY s.session_id
    ON CONFLICT (project_id, session_id) DO UPDATE
        SET
            seq = greatest(f.seq, excluded.seq),
            unacknowledged = f.unacknowledged + excluded.unacknowledged
)
SELECT
    (SELECT count(*) FROM past) AS pruned,
    (
        SELECT jsonb_build_array(l.xid::text, l.event_no)
        FROM (SELECT * FROM page ORDER BY xid DESC, event_no DESC LIMIT 1) l
        WHERE (SELECT count(*) FROM page) = %(limit)s
            AND l.created_at < now() - make_interval(days => %(days)s)
    ) AS marker
