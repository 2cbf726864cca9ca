-- Record what a reader acknowledges: a session's news up to `cursor`, and single news by `ids`.
-- Nothing is written if the cursor is beyond the session's end or an id is not news of the project.
-- Never moves back; repeating changes nothing. An unnamed reader is, in each session, the session's
-- own.
WITH named_events AS MATERIALIZED (
    SELECT e.event_no, i.id AS event_id, e.session_id, e.seq
    FROM unnest(%(ids)s::text[]) AS i (id)
    CROSS JOIN
        LATERAL (
            SELECT n.event_no, n.session_id, n.seq
            FROM events n
            WHERE n.project_id = %(project_id)s
                AND n.event_no = id_number(i.id)
                AND event_name(n.event_id, n.created_at, n.event_no) = i.id
                AND n.type IN (
                    'task.input_required', 'task.completed', 'task.failed', 'task.cancelled'
                )
                AND n.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
            LIMIT 1
        ) e
    UNION
    -- Stored by an older version.
    SELECT e.event_no, e.event_id, e.session_id, e.seq
    FROM events e
    WHERE e.project_id = %(project_id)s
        AND e.event_id = ANY(%(ids)s::text[])
        AND e.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
),
read_sessions AS MATERIALIZED (
    SELECT s.session_id, s.last_seq
    FROM sessions s
    WHERE s.project_id = %(project_id)s
        AND (s.session_id = %(session_id)s OR s.session_id IN (SELECT session_id FROM named_events))
),
validity AS MATERIALIZED (
    SELECT
        (SELECT last_seq FROM read_sessions WHERE session_id = %(session_id)s) AS last_seq,
        ARRAY(
            SELECT i.id
            FROM unnest(%(ids)s::text[]) WITH ORDINALITY AS i (id, place)
            WHERE i.id NOT IN (SELECT event_id FROM named_events)
            ORDER BY i.place
        ) AS unknown
),
accepted AS (
    SELECT
    FROM validity
    WHERE unknown = '{}' AND (%(cursor)s::bigint IS NULL OR %(cursor)s::bigint <= last_seq)
),
-- include reader_state,
passed AS MATERIALIZED (
    SELECT e.event_no, e.session_id, e.seq
    FROM reader r
    JOIN events e
        ON e.project_id = %(project_id)s
        AND e.session_id = r.session_id
        AND e.seq > r.acked_seq
        AND e.seq <= %(cursor)s::bigint
    WHERE r.session_id = %(session_id)s
        AND e.type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
        AND e.seq <> ALL(r.acked_seqs)
    UNION
    SELECT n.event_no, n.session_id, n.seq
    FROM named_events n
    JOIN reader r ON r.session_id = n.session_id
    WHERE n.seq > r.acked_seq AND n.seq <> ALL(r.acked_seqs)
),
moves AS MATERIALIZED (
    SELECT
        m.session_id,
        who.name AS reader,
        -- Single acknowledgements become a cursor as far as no unacknowledged news precedes them.
        CASE WHEN m.singles = '{}' THEN m.acked_seq ELSE coalesce((
                    SELECT e.seq - 1
                    FROM events e
                    WHERE e.project_id = %(project_id)s
                        AND e.session_id = m.session_id
                        AND e.seq > m.acked_seq
                        AND e.type IN (
                            'task.input_required', 'task.completed', 'task.failed', 'task.cancelled'
                        )
                        AND e.seq <> ALL(m.singles)
                    ORDER BY e.seq
                    LIMIT 1
                ), m.last_seq)
        END AS acked_seq,
        m.singles AS acked_seqs,
        CASE WHEN who.name <> '' THEN m.spent_seq ELSE 0 END AS spent_seq,
        CASE WHEN who.name <> '' THEN m.told ELSE '{}' END AS told
    FROM accepted
    CROSS JOIN (
        SELECT
            r.session_id, r.name, r.last_seq, r.spent_seq, r.told, p.acked_seq,
            ARRAY(
                SELECT unnest(r.acked_seqs)
                UNION
                SELECT n.seq FROM named_events n WHERE n.session_id = r.session_id
            ) AS singles
        FROM reader r
        CROSS JOIN
            LATERAL (
                SELECT greatest(
                    r.acked_seq, CASE WHEN r.session_id = %(session_id)s THEN %(cursor)s::bigint END
                ) AS acked_seq
            ) p
    ) m
    -- Also for the row without a name, where readers that are new to the session begin.
    CROSS JOIN LATERAL (VALUES (m.name), ('')) AS who (name)
),
-- INSERT ... ON CONFLICT UPDATE locks each row first, which writes one more record per row. So the
-- usual case, known readers of one session, is a plain UPDATE.
moved_cursors AS (
    UPDATE readers r
    SET
        acked_seq = greatest(r.acked_seq, m.acked_seq),
        acked_seqs = ARRAY(
            SELECT DISTINCT s.seq
            FROM unnest(r.acked_seqs || m.acked_seqs) AS s (seq)
            WHERE s.seq > greatest(r.acked_seq, m.acked_seq)
        )
    FROM moves m
    WHERE r.project_id = %(project_id)s
        AND r.session_id = m.session_id
        AND r.principal = %(principal)s
        AND r.reader = m.reader
        AND (SELECT count(DISTINCT o.session_id) FROM moves o) = 1
    RETURNING r.session_id, r.reader
),
other_cursors AS (
    INSERT INTO readers AS r (
        project_id, session_id, principal, reader, acked_seq, acked_seqs, spent_seq, told
    )
    SELECT
        %(project_id)s, m.session_id, %(principal)s, m.reader, m.acked_seq, m.acked_seqs,
        m.spent_seq, m.told
    FROM moves m
    WHERE NOT EXISTS (
            SELECT FROM moved_cursors c WHERE c.session_id = m.session_id AND c.reader = m.reader
        )
    ORDER BY m.session_id
    ON CONFLICT (project_id, session_id, principal, reader) DO UPDATE
        SET
            acked_seq = greatest(r.acked_seq, excluded.acked_seq),
            acked_seqs = ARRAY(
                SELECT DISTINCT s.seq
                FROM unnest(r.acked_seqs || excluded.acked_seqs) AS s (seq)
                WHERE s.seq > greatest(r.acked_seq, excluded.acked_seq)
            )
),
heard AS MATERIALIZED (
    SELECT n.event_no
    FROM accepted
    CROSS JOIN (
        SELECT event_no FROM passed
        UNION
        SELECT event_no FROM named_events
    ) n
),
-- Several rows are locked in the order of their numbers; a single one is locked by its deletion.
locked_news AS MATERIALIZED (
    SELECT u.event_no
    FROM unacknowledged_news u
    JOIN heard h ON h.event_no = u.event_no
    WHERE u.project_id = %(project_id)s
        AND u.spent IN (false, true)
        AND sought(u.event_no)
        AND (SELECT count(*) FROM heard) > 1
    ORDER BY u.event_no
    FOR UPDATE OF u
),
acknowledged_news AS (
    DELETE FROM unacknowledged_news u
    USING heard h
    WHERE u.project_id = %(project_id)s
        AND u.spent IN (false, true)
        AND u.event_no = h.event_no
        AND sought(u.event_no)
        -- Always true, but only evaluated once all are locked.
        AND (SELECT count(*) FROM locked_news) >= 0
),
-- Unacknowledged news that was pruned is before the cursor, too.
pruned_news AS (
    UPDATE session_floors f
    SET unacknowledged = 0
    FROM accepted
    WHERE f.project_id = %(project_id)s
        AND f.session_id = %(session_id)s
        AND f.seq <= %(cursor)s::bigint
        AND f.unacknowledged > 0
),
outcome AS (
    SELECT
        jsonb_build_object('acknowledged', (SELECT count(*) FROM passed)) AS data,
        NULL::bigint AS cursor
    FROM accepted
),
-- include keep_outcome
SELECT
    v.last_seq,
    v.unknown,
    (SELECT count(*) FROM passed) AS acknowledged
FROM validity v
