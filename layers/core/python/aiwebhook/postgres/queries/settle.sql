-- What follows a commit, in one statement that waits for no disk: forget what was pushed, wake
-- those who wait, and take the news for this reader. Losing it loses no effect, and no news: only
-- an acknowledgement takes that away (acknowledge.sql). `counted`: write down what is told here.
-- News is told in order, and each reply tells the oldest: so of a reader's news, what was told five
-- times always lies before what was told fewer times, and one number (spent_seq) stands for it.
WITH read_sessions AS (
    SELECT s.session_id, s.last_seq
    FROM sessions s
    WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s::text
),
-- include reader_state,
-- include unacknowledged,
-- include news,
counted_here AS (
    INSERT INTO readers AS r (
        project_id, session_id, principal, reader, acked_seq, acked_seqs, spent_seq, told
    )
    SELECT
        %(project_id)s, n.session_id, %(principal)s, n.name,
        -- With nothing left to tell, what was acknowledged singly need not be kept apart.
        CASE WHEN EXISTS (SELECT FROM unacknowledged) THEN n.acked_seq ELSE n.last_seq END,
        n.acked_seqs || %(own_seqs)s::bigint[],
        greatest(n.spent_seq, t.spent_seq),
        t.told
    FROM reader n, told t
    WHERE %(counted)s AND (NOT n.known OR t.number > 0 OR %(own_seqs)s::bigint[] <> '{}')
    ON CONFLICT (project_id, session_id, principal, reader) DO UPDATE
        SET
            acked_seq = greatest(r.acked_seq, excluded.acked_seq),
            acked_seqs = ARRAY(
                SELECT DISTINCT s.seq
                FROM unnest(r.acked_seqs || excluded.acked_seqs) AS s (seq)
                WHERE s.seq > greatest(r.acked_seq, excluded.acked_seq)
            ),
            spent_seq = greatest(r.spent_seq, excluded.spent_seq),
            told = excluded.told
),
-- All conversations of a principal are told the same: who comes second at this moment does not wait
-- to count it.
counting_turn AS MATERIALIZED (
    SELECT pg_try_advisory_xact_lock(hashtextextended('elsewhere ' || %(project_id)s, 0)) AS mine
    WHERE %(counted)s AND EXISTS (SELECT FROM elsewhere)
),
counted_elsewhere AS (
    INSERT INTO readers AS r (project_id, session_id, principal, reader, told)
    SELECT %(project_id)s, l.session_id, %(principal)s, '', jsonb_object_agg(l.seq, l.times)
    FROM elsewhere l, counting_turn
    WHERE counting_turn.mine
    GROUP BY l.session_id
    ON CONFLICT (project_id, session_id, principal, reader) DO UPDATE
        SET told = r.told || excluded.told
),
-- What was told five times, here or elsewhere, leaves `elsewhere`; what the caller did is no news
-- to it.
spent_news AS (
    UPDATE unacknowledged_news u
    SET spent = true
    WHERE u.project_id = %(project_id)s
        AND NOT u.spent
        AND u.event_no = ANY(ARRAY(
            SELECT t.event_no FROM shown t WHERE t.times >= %(most_times)s AND %(counted)s
            UNION ALL
            SELECT l.event_no
            FROM elsewhere l, counting_turn
            WHERE l.times >= %(most_times)s AND counting_turn.mine
        ))
),
own_news AS (
    DELETE FROM unacknowledged_news u
    WHERE u.project_id = %(project_id)s
        AND u.spent IN (false, true)
        AND u.event_no = ANY(%(own_events)s::bigint[])
),
-- Where this connection goes on when it names no session.
used_session AS (
    INSERT INTO last_sessions AS l (project_id, connection, session_id)
    SELECT %(project_id)s, %(connection)s::text, r.session_id
    FROM read_sessions r
    WHERE %(connection)s::text IS NOT NULL
    ON CONFLICT (project_id, connection) DO UPDATE
        SET session_id = excluded.session_id, used_at = now()
        WHERE l.session_id <> excluded.session_id
),
pushed AS (
    DELETE FROM outbox WHERE outbox_id = ANY(%(pushed)s::bigint[])
),
-- Whoever adds to a paused session goes on with it.
resumed_sessions AS (
    UPDATE sessions s
    SET status = 'active', last_seq = s.last_seq + 1, last_activity_at = now()
    WHERE s.project_id = %(project_id)s
        AND s.session_id = ANY(%(resumed)s::text[])
        AND s.status = 'paused'
    RETURNING s.session_id, s.title, s.last_seq
),
new_events AS (
    INSERT INTO events (project_id, session_id, seq, type, data, correlation_id)
    SELECT
        %(project_id)s,
        r.session_id,
        r.last_seq,
        'session.resumed',
        jsonb_build_object('title', r.title),
        %(correlation_id)s
    FROM resumed_sessions r
)
SELECT
    set_config('synchronous_commit', 'off', true) AS durability,
    -- No further than what is told: who acknowledges this skips nothing.
    CASE WHEN t.last_seq < (SELECT max(w.seq) FROM unacknowledged w)
            THEN t.last_seq
        ELSE coalesce(
                (SELECT r.last_seq FROM resumed_sessions r WHERE r.session_id = %(session_id)s::text
                ),
                (SELECT last_seq FROM read_sessions)
            )
    END AS cursor,
    t.updates,
    t.reported,
    (SELECT count(*) FROM unacknowledged) AS waiting,
    coalesce((SELECT jsonb_agg(to_jsonb(l) ORDER BY l.event_no) FROM elsewhere l), '[]')
        AS elsewhere,
    (SELECT count(*) FROM unacknowledged_elsewhere) AS waiting_elsewhere,
    -- NOTIFY serialises commits, so one at a time is enough: who holds the lock notifies when he
    -- commits, which is after our commit; readers see our change then.
    CASE
        WHEN %(changed)s AND pg_try_advisory_xact_lock(hashtext('aiwebhook.notify'))
            THEN pg_notify('aiwebhook', '') IS NULL
    END AS notified
FROM told t
