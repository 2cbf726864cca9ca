-- The state change of a run that succeeded, guarded by its lease.
-- Needs  parameters project_id, task_id, lease_epoch, say, output, usage, exit_code, notes
--        messages_seen: the newest follow-up the run has read; null: it reads none
-- Gives  ended, as settle_ended needs it
ended AS (
    UPDATE tasks t
    SET status = 'completed', phase = 2, ready = false, lease_until = NULL
    FROM task_payloads p
    WHERE t.project_id = %(project_id)s
        AND t.task_id = %(task_id)s
        AND t.lease_epoch = %(lease_epoch)s
        AND t.status = 'running'
        -- A follow-up and this change both lock the task's row: whichever comes second sees the
        -- other.
        AND (
            %(messages_seen)s::bigint IS NULL
            OR coalesce(t.last_message_no, 0) <= %(messages_seen)s::bigint
        )
        AND p.project_id = t.project_id
        AND p.task_id = t.task_id
    RETURNING
        t.project_id, t.task_id, t.session_id, t.agent_name, t.status, t.lease_epoch, t.attempts,
        t.max_attempts, t.run_after, t.has_dependants, p.correlation_id, NULL::jsonb AS error,
        %(say)s::text AS say, %(output)s::jsonb AS output, %(usage)s::jsonb AS usage,
        %(exit_code)s::integer AS exit_code, %(notes)s::jsonb AS notes,
        'completed' AS attempt_status
)
