-- The terminal write of runs that succeeded: task, attempt, result, events, callbacks, outbox; one
-- commit for all of them. A lease that is lost, or has messages waiting, has no row and does not
-- affect the others. A run with memories needs complete_run_with_memories: most runs have none, and
-- the server would plan and walk eight empty tables for them.
WITH
-- include succeeded,
-- include settle_ended,
new_events AS (
    SELECT * FROM task_news
),
woken_agents AS (
    SELECT f.project_id, f.agent_name, 'room' AS kind FROM freed f
),
-- include log_news
SELECT
    e.project_id,
    e.task_id,
    e.lease_epoch,
    e.status,
    e.run_after,
    e.has_dependants,
    0 AS memories_stored,
    (SELECT to_push.outbox FROM to_push) AS outbox
FROM ended e
