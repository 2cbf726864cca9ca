-- Where a reader of a project's log goes on. `truncated`: events that it was to read, or that it
-- has read, are no more. A place that this database never gave out comes from a future that a
-- restore cut off: it goes on with what was written since, at the latest with what comes now. One
-- before the floor goes on with what there is.
WITH
-- include feed,
resumed AS MATERIALIZED (
    SELECT max(b.resumes_at) AS xid
    FROM feed_breaks b
    WHERE %(after_xid)s::text::xid8 > b.after_xid AND %(after_xid)s::text::xid8 < b.resumes_at
)
SELECT
    coalesce(r.xid, least(%(after_xid)s::text::xid8, f.ends_at))::text AS xid,
    CASE
        WHEN r.xid IS NULL AND %(after_xid)s::text::xid8 <= f.ends_at THEN %(after_no)s::bigint
        ELSE 0
    END AS event_no,
    r.xid IS NOT NULL
    OR %(after_xid)s::text::xid8 > f.ends_at
    OR EXISTS (
        SELECT
        FROM feed_floors p
        WHERE p.project_id = %(project_id)s
            AND (p.xid, p.event_no) > (%(after_xid)s::text::xid8, %(after_no)s::bigint)
    ) AS truncated
FROM feed f, resumed r
