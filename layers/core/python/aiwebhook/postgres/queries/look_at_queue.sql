-- What a dispatcher would find to do for an agent, before it takes anything: leases that ran out,
-- tasks that have fallen due, launches nobody finished, and how many tasks a claim of `limit` would
-- get. A task whose row somebody is changing is counted: the claim will pass it over, and must come
-- again.
WITH leased AS MATERIALIZED (
    SELECT t.project_id, t.task_id, t.lease_epoch, t.status, t.lease_until
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.agent_name = %(agent_name)s
        AND t.status IN ('claimed', 'running')
        AND NOT t.ready
),
head AS (
    SELECT t.task_id
    FROM tasks t
    WHERE t.project_id = %(project_id)s
        AND t.agent_name = %(agent_name)s
        AND t.ready
        AND (t.deadline IS NULL OR t.deadline > statement_timestamp())
    -- In the order of a claim, or the planner takes "any of them" for near, and reads the table.
    ORDER BY t.priority DESC, t.fair_tag, t.ready_seq
    LIMIT %(limit)s
)
SELECT
    EXISTS(SELECT FROM leased l WHERE l.lease_until < statement_timestamp()) AS stale,
    EXISTS(
        SELECT
        FROM tasks t
        WHERE t.status = 'pending'
            AND NOT t.ready
            AND t.blockers = 0
            AND t.run_after <= now()
            AND t.project_id = %(project_id)s
            AND t.agent_name = %(agent_name)s
    ) AS due,
    (
        SELECT count(*)
        FROM leased l
        JOIN task_attempts a
            ON a.project_id = l.project_id
            AND a.task_id = l.task_id
            AND a.lease_epoch = l.lease_epoch
        WHERE l.status = 'claimed'
            AND a.status = 'launching'
            AND a.claimed_at < now() - make_interval(secs => %(older_than_s)s)
    ) AS stuck,
    coalesce((
        SELECT
            greatest(least(
                (SELECT count(*) FROM head), g.max_concurrent - (SELECT count(*) FROM leased)
            ), 0)
        FROM agents g
        WHERE g.project_id = %(project_id)s AND g.agent_name = %(agent_name)s
    ), 0) AS claimable
