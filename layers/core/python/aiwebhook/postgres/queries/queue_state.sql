-- What a dispatcher would find to do for an agent, before it takes anything: containers to be
-- stopped, of whatever agent, leases that ran out, tasks that have fallen due, launches nobody
-- finished, and how many tasks a claim of `limit` would get. A task whose row somebody is changing
-- is counted: the claim will pass it over, and must come again.
WITH
-- include leases,
-- include lanes,
head AS (
    SELECT h.task_id
    FROM lanes n
    CROSS JOIN
        LATERAL (
            SELECT t.task_id
            FROM tasks t
            WHERE t.project_id = %(project_id)s
                AND t.agent_name = %(agent_name)s
                AND t.priority = n.priority
                AND t.ready
                AND (t.fair_tag, t.ready_seq) >= (n.mark_tag, n.mark_seq)
                AND (t.deadline IS NULL OR t.deadline > statement_timestamp())
            ORDER BY t.fair_tag, t.ready_seq
            LIMIT %(limit)s
        ) h
    LIMIT %(limit)s
)
SELECT
    EXISTS(SELECT FROM runs_to_stop) AS stops,
    EXISTS(SELECT FROM leases l WHERE l.lease_until < statement_timestamp()) AS stale,
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
        FROM leases l
        JOIN task_attempts a
            ON a.project_id = %(project_id)s
            AND a.task_id = l.task_id
            AND a.lease_epoch = l.lease_epoch
        WHERE l.status = 'claimed'
            AND a.status = 'launching'
            AND a.claimed_at < now() - make_interval(secs => %(older_than_s)s)
    ) AS stuck,
    coalesce((
        SELECT
            greatest(least(
                (SELECT count(*) FROM head), g.max_concurrent - (SELECT count(*) FROM leases)
            ), 0)
        FROM agents g
        WHERE g.project_id = %(project_id)s AND g.agent_name = %(agent_name)s
    ), 0) AS claimable
