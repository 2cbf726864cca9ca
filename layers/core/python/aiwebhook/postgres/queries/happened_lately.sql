-- Whether the newest event that the project's readers can see is at most `within_s` seconds old.
SELECT coalesce(
    (
        SELECT created_at > now() - make_interval(secs => %(within_s)s)
        FROM events
        WHERE project_id = %(project_id)s
        ORDER BY xid DESC, event_no DESC
        LIMIT 1
    ),
    false
) AS lately
