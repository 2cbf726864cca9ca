-- One row when the agent has a claimable task, and room for it: a claim finds it, or has passed it
-- over because a change held its row. In the order of a claim, or the planner takes "any of them"
-- for near, and reads the table.
SELECT head.task_id
FROM (
    SELECT t.task_id
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.agent_name = %(agent_name)s
        AND t.ready
        AND (t.deadline IS NULL OR t.deadline > statement_timestamp())
    ORDER BY t.priority DESC, t.fair_tag, t.ready_seq
    LIMIT 1
) head
JOIN agents a ON a.project_id = %(project_id)s AND a.agent_name = %(agent_name)s
WHERE a.max_concurrent > (
        SELECT count(*)
        FROM tasks r
        WHERE r.project_id = %(project_id)s
            AND r.agent_name = %(agent_name)s
            AND r.status IN ('claimed', 'running')
            AND NOT r.ready
    )
