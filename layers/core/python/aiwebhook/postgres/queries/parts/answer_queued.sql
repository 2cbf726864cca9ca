-- What the command answers that has queued a task.
-- Needs  queued(status), situation, logged of log_news; parameter answer: the rest of it
-- Gives  outcome(data, cursor), for keep_outcome
outcome AS (
    SELECT
        %(answer)s::jsonb || jsonb_build_object(
            'status', q.status, 'situation', (SELECT to_jsonb(s) FROM situation s)
        ) AS data,
        l.seq AS cursor
    FROM queued q, logged l
)
