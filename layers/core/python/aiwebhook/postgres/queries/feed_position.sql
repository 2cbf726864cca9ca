-- Where a reader of a project's log continues. `truncated`: events that it has read, or was about
-- to read, no longer exist. A position that this database never gave out comes from a future that a
-- restore cut off: the reader continues with what was written since the restore, or at the latest
-- with what comes now. From a position before the floor it continues with the oldest event left.
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
