-- A page of a project's audit log, oldest first: what is older than `days` goes. `apply` false:
-- only counts.
WITH page AS MATERIALIZED (
    SELECT a.audit_no, a.created_at
    FROM audit_log a
    WHERE a.project_id = %(project_id)s
        AND a.created_at >= coalesce((%(marker)s::jsonb ->> 0)::timestamptz, '-infinity')
        AND (a.created_at, a.audit_no) > (
            coalesce((%(marker)s::jsonb ->> 0)::timestamptz, '-infinity'),
            coalesce((%(marker)s::jsonb ->> 1)::bigint, 0)
        )
    ORDER BY a.created_at, a.audit_no
    LIMIT %(limit)s
),
past AS MATERIALIZED (
    SELECT p.audit_no
    FROM page p
    WHERE p.created_at < now() - make_interval(days => %(days)s)
),
pruned AS (
    DELETE FROM audit_log a
    USING past p
    WHERE a.audit_no = p.audit_no AND %(apply)s
)
SELECT
    (SELECT count(*) FROM past) AS pruned,
    (
        SELECT jsonb_build_array(l.created_at, l.audit_no)
        FROM (SELECT * FROM page ORDER BY created_at DESC, audit_no DESC LIMIT 1) l
        WHERE (SELECT count(*) FROM page) = %(limit)s
            AND l.created_at < now() - make_interval(days => %(days)s)
    ) AS marker
