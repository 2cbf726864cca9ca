-- The live leases of an agent: those alive at the last count, and those claimed since. Leases that
-- have ended cost no reading, however many they are.
-- Needs  parameters project_id, agent_name
-- Gives  count(counted_at, counted, floor, living, place): the last count, if there is one
--        leases(task_id, lease_epoch, status, lease_until)
count AS MATERIALIZED (
    SELECT k.counted_at, k.counted, k.floor, k.living, k.ctid AS place
    FROM lease_counts k
    -- One row that the planner takes for ten: so it reads the index in order, newest first, and
    -- stops. For a single row it would collect all versions and sort them.
    CROSS JOIN unnest(ARRAY(SELECT true)) AS one
    WHERE k.project_id = %(project_id)s
        AND k.agent_name = %(agent_name)s
        AND sought(k.counted_at)
    ORDER BY k.counted_at DESC
    LIMIT 1
),
leases AS MATERIALIZED (
    SELECT t.task_id, t.lease_epoch, t.status, t.lease_until
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.agent_name = %(agent_name)s
        AND t.phase = 1
        AND t.lease_epoch = ANY(coalesce((SELECT k.living FROM count k), '{}'))
    UNION
    SELECT t.task_id, t.lease_epoch, t.status, t.lease_until
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.agent_name = %(agent_name)s
        AND t.phase = 1
        AND t.lease_epoch > coalesce((SELECT k.floor FROM count k), -1)
)
