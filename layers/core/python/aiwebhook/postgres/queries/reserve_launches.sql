-- Find a dispatcher's work for an agent: containers to be stopped, of any agent; expired leases;
-- tasks that have fallen due; unfinished launches; and how many tasks a claim of `limit` would get.
-- A task whose row is being changed is counted: the claim will skip it, and has to be repeated. For
-- what is to be launched, takes launches out of the account's bucket, but only once stale leases
-- and due tasks have been dealt with (`settled`). The bucket is locked for this statement only,
-- never across a claim or a launch; if nothing is to be launched, nothing is written.
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
),
found AS MATERIALIZED (
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
),
needed AS (
    SELECT least(f.stuck + f.claimable, %(limit)s::integer) AS wanted
    FROM found f
    WHERE f.stuck + f.claimable > 0
        AND (%(settled)s OR NOT (f.stale OR f.due))
),
bucket AS MATERIALIZED (
    SELECT
        b.bucket,
        least(
            %(burst)s::double precision,
            b.tokens
            + greatest(extract(EPOCH FROM clock_timestamp() - b.refilled_at), 0)
            * %(per_second)s::double precision
        ) AS tokens,
        n.wanted
    FROM launch_buckets b
    CROSS JOIN needed n
    WHERE b.bucket = %(bucket)s
    FOR UPDATE OF b
),
taken AS (
    UPDATE launch_buckets b
    SET
        tokens = k.tokens - least(k.wanted, floor(k.tokens)),
        refilled_at = clock_timestamp()
    FROM bucket k
    WHERE b.bucket = k.bucket
    RETURNING least(k.wanted, floor(k.tokens))::integer AS launches
),
-- The table is unlogged: after a crash it is empty, and the bucket counts as full. Of two processes
-- that find it empty, one gets nothing and tries again.
new_bucket AS (
    INSERT INTO launch_buckets (bucket, tokens)
    SELECT %(bucket)s, %(burst)s::integer - least(n.wanted, %(burst)s::integer)
    FROM needed n
    WHERE NOT EXISTS (SELECT FROM launch_buckets b WHERE b.bucket = %(bucket)s)
    ON CONFLICT (bucket) DO NOTHING
    RETURNING (%(burst)s::integer - tokens)::integer AS launches
)
SELECT
    f.stops, f.stale, f.due, f.stuck, f.claimable, coalesce(t.launches, n.launches, 0) AS launches
FROM found f
LEFT JOIN taken t ON true
LEFT JOIN new_bucket n ON true
-- No wait for the disk: launches whose record is lost in a crash are granted again, which is
-- harmless. A setting of this transaction only; in a condition, because an unused column would not
-- be computed.
WHERE set_config('synchronous_commit', 'off', true) = 'off'
