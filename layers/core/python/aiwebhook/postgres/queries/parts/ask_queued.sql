-- Asks why the task that a statement has queued does not run yet.
-- Needs  queued: its row of tasks; dependencies(task_id, status): what it depends on
-- Gives  asked, for situation
asked AS (
    SELECT
        q.project_id, q.task_id, q.agent_name, q.status, q.ready, q.priority, q.fair_tag,
        q.ready_seq, q.blockers, q.run_after, q.attempts, q.cancel_requested,
        ARRAY(
            SELECT n.task_id FROM dependencies n WHERE n.status <> 'completed' ORDER BY n.task_id
        ) AS waits_for,
        NULL::text AS last_error
    FROM queued q
)
