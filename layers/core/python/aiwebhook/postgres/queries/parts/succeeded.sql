-- The state change of runs that succeeded, each guarded by its own lease.
-- Needs  parameters project_ids, task_ids, lease_epochs, in key order, and for each lease of these
--        one of completions: say, output, usage, exit_code, notes, and messages_seen: the newest
--        follow-up the run has read; without it, it reads none
-- Gives  ended, as settle_ended needs it
ended AS (
    UPDATE tasks t
    SET status = 'completed', phase = 2, ready = false, lease_until = NULL
    FROM
        unnest(
            %(project_ids)s::text[],
            %(task_ids)s::text[],
            %(lease_epochs)s::bigint[],
            %(completions)s::jsonb[]
        ) AS r (project_id, task_id, lease_epoch, report),
        task_payloads p
    WHERE t.project_id = r.project_id
        AND t.task_id = r.task_id
        AND t.lease_epoch = r.lease_epoch
        AND t.status = 'running'
        -- A follow-up and this change both lock the task's row: whichever comes second sees the
        -- other.
        AND (
            r.report ->> 'messages_seen' IS NULL
            OR coalesce(t.last_message_no, 0) <= (r.report ->> 'messages_seen')::bigint
        )
        AND p.project_id = t.project_id
        AND p.task_id = t.task_id
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.status, t.lease_epoch, t.attempts,
        t.max_attempts, t.run_after, t.has_dependants, p.correlation_id, NULL::jsonb AS error,
        r.report ->> 'say' AS say, r.report -> 'output' AS output, r.report -> 'usage' AS usage,
        (r.report ->> 'exit_code')::integer AS exit_code, r.report -> 'notes' AS notes,
        'completed' AS attempt_status
)
