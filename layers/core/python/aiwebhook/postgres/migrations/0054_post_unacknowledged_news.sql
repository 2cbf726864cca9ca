-- outside a transaction
-- What the release before acknowledged, and told five times, in the meantime. `acknowledged` and
-- `spent` of events are read no more.
DELETE FROM unacknowledged_news u
USING events e
WHERE e.event_no = u.event_no
    AND e.type NOT IN ('task.created', 'task.claimed', 'task.started', 'task.progress')
    AND e.acknowledged;
DROP INDEX CONCURRENTLY IF EXISTS events_unacknowledged;
