-- For the reaper: retries after long pauses, and deliveries whose message was lost. The five
-- seconds keep it off rows whose first message is on its way. A project with many of them hides no
-- other's, because one message suffices for all that wait for the same slots.
SELECT DISTINCT project_id, event_no
FROM (
    SELECT p.project_id, due.event_no
    FROM projects p
    CROSS JOIN
        LATERAL (
            SELECT
                d.event_no,
                d.next_attempt_at,
                row_number() OVER (ORDER BY d.next_attempt_at) AS turn
            FROM deliveries d
            WHERE d.project_id = p.project_id
                AND d.status = 'pending'
                AND d.next_attempt_at < now() - interval '5 seconds'
                AND (d.leased_until IS NULL OR d.leased_until <= now())
            ORDER BY d.next_attempt_at
            LIMIT 50
        ) AS due
    ORDER BY due.turn, due.next_attempt_at
    LIMIT %(limit)s
) AS longest_due
