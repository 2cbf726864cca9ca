-- What a reader has not acknowledged: of the session it uses, and of the others.
-- Needs  reader(...) of reader_state
--        parameters project_id, session_id, news (false: none is wanted), own_seqs and own_events
--        (what the caller did is no news to it), count_limit
-- Gives  unacknowledged(seq), unacknowledged_elsewhere(event_no, spent)
unacknowledged AS MATERIALIZED (
    SELECT w.seq
    FROM reader r
    CROSS JOIN
        LATERAL (
            SELECT e.seq
            FROM events e
            WHERE e.project_id = %(project_id)s
                AND e.session_id = r.session_id
                AND e.seq > r.acked_seq
                AND e.type IN (
                    'task.input_required', 'task.completed', 'task.failed', 'task.cancelled'
                )
                AND e.seq <> ALL(r.acked_seqs)
                AND e.seq <> ALL(%(own_seqs)s::bigint[])
            ORDER BY e.seq
            LIMIT %(count_limit)s
        ) w
    WHERE %(news)s
),
-- Of other sessions: first what was not told five times. The index alone answers this, also where
-- there is much of this session's own to pass over.
unacknowledged_elsewhere AS MATERIALIZED (
    SELECT u.event_no, u.spent
    FROM unacknowledged_news u
    WHERE u.project_id = %(project_id)s
        AND u.session_id IS DISTINCT FROM %(session_id)s::text
        AND u.event_no <> ALL(%(own_events)s::bigint[])
        AND %(news)s
    ORDER BY u.spent, u.event_no
    LIMIT %(count_limit)s
)
