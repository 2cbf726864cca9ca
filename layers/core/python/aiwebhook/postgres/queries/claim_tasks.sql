-- Claims up to `limit` (at most 100) ready tasks of one agent, never beyond its cap: highest
-- priority, then fair turn, then age.
-- Needs lock_agent before it in the same transaction: only claims make leases and move marks, one
-- at a time. A worker's claim starts the run at once; a dispatcher's waits for launch.
WITH
-- include leases,
room AS MATERIALIZED (
    SELECT
        a.max_concurrent,
        e.last_value AS newest_epoch,
        b.surely_free,
        least(
            b.wanted,
            CASE
                WHEN b.surely_free THEN b.wanted
                ELSE a.max_concurrent - (SELECT count(*) FROM leases)
            END
        ) AS free
    FROM agents a
    CROSS JOIN lease_epochs e
    LEFT JOIN count k ON true
    CROSS JOIN
        LATERAL (
            SELECT
                least(%(limit)s::integer, 100) AS wanted,
                -- Every claim takes an epoch, so at most this many leases have been added.
                coalesce(
                    a.max_concurrent - (k.counted + e.last_value - k.counted_at)
                    >= least(%(limit)s::integer, 100),
                    false
                ) AS surely_free
        ) b
    WHERE a.project_id = %(project_id)s
        AND a.agent_name = %(agent_name)s
        -- A worker that left has no room (leave_worker): nobody would receive the task.
        AND NOT EXISTS (
            SELECT
            FROM workers w
            WHERE w.project_id = %(project_id)s
                AND w.worker_id = %(worker_id)s::text
                AND w.status = 'offline'
                AND w.details -> 'left_at' IS NOT NULL
        )
),
-- include lanes,
-- Lane by lane, and row by row within one. Locked rows are skipped. A row that nobody has touched
-- since it became ready (xmax) cannot be locked, and is not locked here: that would write one more
-- record per task. If somebody locks it after this, the update below waits and checks the row
-- again.
head AS MATERIALIZED (
    SELECT h.task_id
    FROM lanes l
    CROSS JOIN
        LATERAL (
            SELECT t.task_id
            FROM tasks t
            WHERE t.project_id = %(project_id)s
                AND t.agent_name = %(agent_name)s
                AND t.priority = l.priority
                AND t.ready
                AND (t.fair_tag, t.ready_seq) >= (l.mark_tag, l.mark_seq)
                AND (t.deadline IS NULL OR t.deadline > statement_timestamp())
                AND CASE
                    WHEN t.xmax = 0 THEN true
                    ELSE EXISTS (
                            SELECT
                            FROM tasks k
                            WHERE k.ctid = t.ctid AND k.project_id = t.project_id AND k.ready
                            FOR NO KEY UPDATE SKIP LOCKED
                        )
                END
            ORDER BY t.fair_tag, t.ready_seq
            LIMIT (SELECT greatest(coalesce(max(r.free), 0), 0) FROM room r)
        ) h
    LIMIT (SELECT greatest(coalesce(max(r.free), 0), 0) FROM room r)
),
claimed AS (
    UPDATE tasks t
    SET
        status = CASE WHEN %(worker_id)s::text IS NULL THEN 'claimed' ELSE 'running' END,
        phase = 1,
        ready = false,
        attempts = t.attempts + 1,
        -- Never the same epoch twice for one id, even if the task was deleted and created again.
        -- The second number is for a row last claimed by an older version, which counted per row.
        lease_epoch = greatest(nextval('lease_epochs'), t.lease_epoch + 1),
        lease_until = statement_timestamp() + make_interval(secs => %(lease_s)s),
        run_after = NULL
    FROM task_payloads p
    WHERE t.project_id = %(project_id)s
        -- An array, not a join: the planner assumes ten elements for it, but for a LIMIT that it
        -- does not know a tenth of the table, and would read all of it.
        AND t.task_id = ANY(ARRAY(SELECT h.task_id FROM head h))
        -- Worded differently from the condition of the index tasks_ready: if its statistics say
        -- that nothing is ready, the planner would use that index by project alone.
        AND t.ready IS NOT false
        AND p.project_id = t.project_id
        AND p.task_id = t.task_id
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.priority, t.fair_tag, t.ready_seq,
        t.lease_epoch, t.attempts, p.correlation_id
),
attempted AS (
    INSERT INTO task_attempts (
        project_id, task_id, lease_epoch, agent_name, status, worker_id, started_at
    )
    SELECT
        c.project_id, c.task_id, c.lease_epoch, c.agent_name,
        CASE WHEN %(worker_id)s::text IS NULL THEN 'launching' ELSE 'running' END,
        %(worker_id)s,
        CASE WHEN %(worker_id)s::text IS NOT NULL THEN statement_timestamp() END
    FROM claimed c
    RETURNING task_id, attempt_name(attempt_id, claimed_at, lease_epoch) AS attempt_id
),
-- Leases are recounted now and then, so that the next claims find few dead ones.
recount AS MATERIALIZED (
    SELECT
        r.newest_epoch,
        r.max_concurrent <= 100 AS by_name,
        (SELECT count(*) FROM leases) AS counted
    FROM room r
    LEFT JOIN count k ON true
    WHERE NOT r.surely_free
        AND r.newest_epoch > coalesce(k.counted_at, -1)
        AND (
            k.counted_at IS NULL
            OR r.max_concurrent > 100
            OR r.newest_epoch > k.counted_at + 100
            OR EXISTS (SELECT FROM claimed c WHERE mod(c.lease_epoch, 7) = 0)
        )
),
new_count AS (
    INSERT INTO lease_counts (project_id, agent_name, counted_at, counted, floor, living)
    SELECT
        %(project_id)s,
        %(agent_name)s,
        n.newest_epoch,
        n.counted,
        CASE
            WHEN n.by_name THEN n.newest_epoch
            ELSE least(n.newest_epoch, (SELECT min(m.lease_epoch) - 1 FROM leases m))
        END,
        CASE WHEN n.by_name THEN ARRAY(SELECT m.lease_epoch FROM leases m) ELSE '{}' END
    FROM recount n
),
old_count AS (
    DELETE FROM lease_counts o
    USING recount n, count k
    WHERE o.ctid = k.place
        AND o.project_id = %(project_id)s
        AND sought(o.counted_at)
        AND n.newest_epoch > k.counted_at
),
taken AS (
    SELECT DISTINCT ON (c.priority)
        c.priority,
        c.fair_tag,
        c.ready_seq,
        bool_or(mod(hashint8(c.lease_epoch), 5) = 0) OVER (PARTITION BY c.priority) AS much
    FROM claimed c
    ORDER BY c.priority, c.fair_tag DESC, c.ready_seq DESC
),
-- A lane's row is rewritten when its virtual time advances, and otherwise for about every fifth
-- task taken: each rewrite leaves a dead version, and each task behind the mark an index entry to
-- read past. A hash chooses, because the epochs of agents that claim in turn may have a common
-- divisor.
-- The mark follows what was taken, one step behind: `next` is what an earlier claim found taken. It
-- becomes the mark once every transaction that could not know of it has ended (lane_time).
-- becomes the mark once every transaction has ended that could not know of it (lane_time).
steps AS (
    SELECT
        k.priority,
        l.place,
        greatest(coalesce(l.virtual_time, 0), k.fair_tag) AS virtual_time,
        CASE
            WHEN (l.virtual_time, l.taken_seq) > (k.fair_tag, k.ready_seq) THEN l.taken_seq
            ELSE k.ready_seq
        END AS taken_seq,
        coalesce(f.fair_tag, CASE WHEN w.ended THEN l.next_tag END, l.mark_tag) AS mark_tag,
        coalesce(f.ready_seq, CASE WHEN w.ended THEN l.next_seq END, l.mark_seq) AS mark_seq,
        CASE WHEN w.seen THEN l.virtual_time ELSE coalesce(l.next_tag, 0) END AS next_tag,
        CASE WHEN w.seen THEN l.taken_seq ELSE coalesce(l.next_seq, 0) END AS next_seq,
        CASE WHEN w.seen THEN pg_snapshot_xmax(w.now) ELSE coalesce(l.next_xid, '0') END
            AS next_xid
    FROM taken k
    JOIN lanes l ON l.priority = k.priority
    CROSS JOIN
        LATERAL (
            SELECT
                pg_current_snapshot() AS now,
                l.next_xid <= pg_snapshot_xmin(pg_current_snapshot()) AS ended,
                -- A transaction id from before a restore, of another cluster, says nothing.
                l.next_xid <= pg_snapshot_xmin(pg_current_snapshot())
                OR l.next_xid > pg_snapshot_xmax(pg_current_snapshot()) AS seen
        ) w
    LEFT JOIN LATERAL (
        SELECT q.fair_tag, q.ready_seq
        FROM tasks q
        WHERE w.ended
            AND q.project_id = %(project_id)s
            AND q.agent_name = %(agent_name)s
            AND q.priority = k.priority
            AND q.ready
            AND (q.fair_tag, q.ready_seq) >= (l.mark_tag, l.mark_seq)
            AND (q.fair_tag, q.ready_seq) < (l.next_tag, l.next_seq)
        ORDER BY q.fair_tag, q.ready_seq
        LIMIT 1
    ) f ON true
    WHERE l.place IS NULL OR l.virtual_time < k.fair_tag OR k.much
),
-- Nobody else writes a lane meanwhile (lock_agent). So its row needs no lock of its own and is
-- still at its ctid, which saves another search among its versions.
moved AS (
    UPDATE queue_lanes l
    SET
        virtual_time = s.virtual_time,
        taken_seq = s.taken_seq,
        mark_tag = s.mark_tag,
        mark_seq = s.mark_seq,
        next_tag = s.next_tag,
        next_seq = s.next_seq,
        next_xid = s.next_xid
    FROM steps s
    WHERE l.ctid = s.place
        AND l.project_id = %(project_id)s
        AND sought(l.virtual_time)
),
new_lanes AS (
    INSERT INTO queue_lanes (
        project_id, agent_name, priority, virtual_time, taken_seq, mark_tag, mark_seq, next_tag,
        next_seq, next_xid
    )
    SELECT
        %(project_id)s, %(agent_name)s, s.priority, s.virtual_time, s.taken_seq, s.mark_tag,
        s.mark_seq, s.next_tag, s.next_seq, s.next_xid
    FROM steps s
    WHERE s.place IS NULL
),
new_events AS (
    SELECT
        c.project_id,
        c.session_id,
        row_number() OVER (ORDER BY c.priority DESC, c.fair_tag, c.ready_seq, n.step) AS place,
        n.type,
        c.task_id,
        jsonb_strip_nulls(jsonb_build_object(
            'agent_name', c.agent_name,
            'attempt', c.attempts,
            'worker_id', CASE n.step WHEN 2 THEN %(worker_id)s::text END
        )) AS data,
        c.correlation_id
    FROM claimed c
    JOIN (VALUES (1, 'task.claimed'), (2, 'task.started')) AS n (step, type)
        ON n.step = 1 OR %(worker_id)s::text IS NOT NULL
),
woken_agents AS (
    SELECT c.project_id, c.agent_name, 'wake' AS kind FROM claimed c WHERE false
),
-- include log_news
SELECT
    c.project_id,
    c.task_id,
    c.session_id,
    c.agent_name,
    c.priority,
    c.lease_epoch,
    c.attempts AS attempt,
    a.attempt_id,
    c.correlation_id
FROM claimed c
JOIN attempted a ON a.task_id = c.task_id
ORDER BY c.priority DESC, c.fair_tag, c.ready_seq
