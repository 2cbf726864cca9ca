-- Agents with tasks that fall due, or runs whose leases end, within this many seconds; and in how
-- many seconds the first of each does. Most of these leases will be extended; those of dead runs
-- will not, and a task must not wait for the next tick because of that.
SELECT
    d.project_id,
    d.agent_name,
    ceil(extract(EPOCH FROM min(d.at) - now()))::integer AS wait_s
FROM (
    SELECT t.project_id, t.agent_name, t.run_after AS at
    FROM tasks t
    WHERE t.status = 'pending'
        AND NOT t.ready
        AND t.blockers = 0
        AND t.run_after > now()
        AND t.run_after <= now() + make_interval(secs => %(within_s)s)
    UNION ALL
    SELECT t.project_id, t.agent_name, t.lease_until AS at
    FROM tasks t
    WHERE t.phase = 1
        AND t.lease_until > now()
        AND t.lease_until <= now() + make_interval(secs => %(within_s)s)
) d
WHERE %(project_id)s::text IS NULL
    OR (d.project_id = %(project_id)s AND d.agent_name = %(agent_name)s)
GROUP BY d.project_id, d.agent_name
