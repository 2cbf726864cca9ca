-- A page of a project's attempts: of tasks that have ended, those that ended more than `days` ago
-- go. `apply` false: only counts.
WITH page AS MATERIALIZED (
    SELECT a.task_id, a.lease_epoch, a.finished_at
    FROM task_attempts a
    WHERE a.project_id = %(project_id)s
        AND (a.task_id, a.lease_epoch) > (
            coalesce(%(marker)s::jsonb ->> 0, ''),
            coalesce((%(marker)s::jsonb ->> 1)::bigint, 0)
        )
    ORDER BY a.task_id, a.lease_epoch
    LIMIT %(limit)s
),
past AS MATERIALIZED (
    SELECT p.task_id, p.lease_epoch
    FROM page p
    WHERE p.finished_at < now() - make_interval(days => %(days)s)
        AND EXISTS (
            SELECT
            FROM tasks t
            WHERE t.project_id = %(project_id)s
                AND t.task_id = p.task_id
                AND t.status IN ('completed', 'failed', 'cancelled')
        )
),
pruned AS (
    DELETE FROM task_attempts a
    USING past p
    WHERE a.project_id = %(project_id)s
        AND a.task_id = p.task_id
        AND a.lease_epoch = p.lease_epoch
        AND %(apply)s
)
SELECT
    (SELECT count(*) FROM past) AS pruned,
    (
        SELECT jsonb_build_array(l.task_id, l.lease_epoch)
        FROM (SELECT * FROM page ORDER BY task_id DESC, lease_epoch DESC LIMIT 1) l
        WHERE (SELECT count(*) FROM page) = %(limit)s
    ) AS marker
