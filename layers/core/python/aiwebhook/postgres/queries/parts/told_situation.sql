-- A situation as an outcome stores it: without what the outcome already has, and without usual,
-- empty and null values (domain/waiting.py restores them).
-- Needs  situation
-- Gives  told_situation(facts)
told_situation AS (
    SELECT
        jsonb_strip_nulls(jsonb_build_object(
            'ready', nullif(s.ready, true),
            'blockers', nullif(s.blockers, 0),
            'run_after', s.run_after,
            'attempts', nullif(s.attempts, 0),
            'cancel_requested', nullif(s.cancel_requested, false),
            'max_concurrent', s.max_concurrent,
            'agent_status', nullif(s.agent_status, 'available'),
            'agent_reason', s.agent_reason,
            'agent_kind', s.agent_kind,
            'waits_for', nullif(s.waits_for, '{}'),
            'running', nullif(s.running, 0),
            'ahead', s.ahead,
            'last_error', s.last_error,
            'median_run_s', round(s.median_run_s::numeric, 3)
        )) AS facts
    FROM situation s
)
