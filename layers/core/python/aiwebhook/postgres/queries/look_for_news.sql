-- Check, ahead of a command and in the same transaction, whether settle.sql has anything to write:
-- news that it would report and count, or other state of the reply's session. Mostly there is
-- nothing; then it is not run.
WITH read_sessions AS (
    SELECT s.session_id, s.last_seq, s.status
    FROM sessions s
    WHERE s.project_id = %(project_id)s AND s.session_id = %(session_id)s::text
),
-- include reader_state,
-- include unacknowledged,
-- include remembered
SELECT
    s.last_seq,
    (SELECT count(*) FROM unacknowledged) AS waiting,
    (SELECT count(*) FROM unacknowledged_elsewhere) AS waiting_elsewhere,
    EXISTS (SELECT FROM unacknowledged w, reader r WHERE w.seq > r.spent_seq)
    OR EXISTS (SELECT FROM unacknowledged_elsewhere w WHERE NOT w.spent) AS untold,
    coalesce((SELECT r.known FROM reader r), false) AS known,
    coalesce(s.status = 'paused', false) AS paused,
    (SELECT r.already FROM remembered r) AS remembered
FROM (SELECT) AS always
LEFT JOIN read_sessions s ON true
