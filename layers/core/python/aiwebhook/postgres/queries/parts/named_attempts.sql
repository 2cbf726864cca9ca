-- The attempts with these ids. An id contains its lease epoch, by which each agent's index has
-- every attempt.
-- Needs  asked(project_id, agent_name): the agents whose attempts they may be
--        parameter attempt_ids
-- Gives  named(attempt_id, project_id, task_id, lease_epoch)
named AS MATERIALIZED (
    SELECT i.id AS attempt_id, a.project_id, a.task_id, a.lease_epoch
    FROM unnest(%(attempt_ids)s::text[]) AS i (id)
    CROSS JOIN asked g
    CROSS JOIN
        LATERAL (
            SELECT n.project_id, n.task_id, n.lease_epoch
            FROM task_attempts n
            WHERE n.project_id = g.project_id
                AND n.agent_name = g.agent_name
                AND n.lease_epoch = id_number(i.id)
                AND attempt_name(n.attempt_id, n.claimed_at, n.lease_epoch) = i.id
            LIMIT 1
        ) a
    UNION
    -- Stored by an older version.
    SELECT a.attempt_id, a.project_id, a.task_id, a.lease_epoch
    FROM task_attempts a
    WHERE a.attempt_id = ANY(%(attempt_ids)s::text[])
)
