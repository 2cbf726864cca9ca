-- Agents with tasks that fall due within so many seconds, and in how many the first of each does.
SELECT
    t.project_id,
    t.agent_name,
    ceil(extract(epoch FROM min(t.run_after) - now()))::integer AS wait_s
FROM tasks t
WHERE t.status = 'pending'
    AND NOT t.ready
    AND t.blockers = 0
    AND t.run_after > now()
    AND t.run_after <= now() + make_interval(secs => %(within_s)s)
    AND (
        %(project_id)s::text IS NULL
        OR (t.project_id = %(project_id)s AND t.agent_name = %(agent_name)s)
    )
GROUP BY t.project_id, t.agent_name
