-- Check, ahead of a command and in the same transaction, whether settle.sql has anything to write:
-- news that it would report and count, or other state of the reply's session. Mostly there is
-- nothing; then it is not run. What is news, and to whom, is as in reader_state and unacknowledged:
-- written out here, because each of their common table expressions is started and ended for nothing
-- in almost every request. tests/postgres/test_news_looks.py compares the two.
SELECT
    s.last_seq,
    h.waiting,
    e.waiting AS waiting_elsewhere,
    h.untold OR e.untold AS untold,
    coalesce(r.reader <> '', false) AS known,
    coalesce(s.status = 'paused', false) AS paused,
    %(connection)s::text IS NULL OR EXISTS (
        SELECT
        FROM last_sessions l
        WHERE l.project_id = %(project_id)s
            AND l.connection = %(connection)s
            AND l.session_id = %(session_id)s::text
    ) AS remembered
FROM (
    SELECT count(*) AS waiting, coalesce(bool_or(NOT w.spent), false) AS untold
    FROM (
        SELECT u.spent
        FROM unacknowledged_news u
        WHERE u.project_id = %(project_id)s
            AND u.session_id IS DISTINCT FROM %(session_id)s::text
        ORDER BY u.spent, u.event_no
        LIMIT %(count_limit)s
    ) w
) e
LEFT JOIN sessions s ON s.project_id = %(project_id)s AND s.session_id = %(session_id)s::text
LEFT JOIN
    LATERAL (
        SELECT o.reader, o.acked_seq, o.acked_seqs, o.spent_seq
        FROM readers o
        WHERE o.project_id = %(project_id)s
            AND o.session_id = s.session_id
            AND o.principal = %(principal)s
            AND o.reader IN (coalesce(%(reader)s::text, s.session_id), '')
        ORDER BY o.reader DESC
        LIMIT 1
    ) r
    ON true
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS waiting,
            coalesce(
                max(w.seq) > CASE WHEN r.reader <> '' THEN r.spent_seq ELSE 0 END, false
            ) AS untold
        FROM (
            SELECT v.seq
            FROM events v
            WHERE v.project_id = %(project_id)s
                AND v.session_id = s.session_id
                AND v.seq > coalesce(r.acked_seq, 0)
                AND v.type IN (
                    'task.input_required', 'task.completed', 'task.failed', 'task.cancelled'
                )
                AND v.seq <> ALL(coalesce(r.acked_seqs, '{}'))
            ORDER BY v.seq
            LIMIT %(count_limit)s
        ) w
    ) h
