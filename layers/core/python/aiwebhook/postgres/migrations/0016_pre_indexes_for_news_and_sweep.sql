-- outside a transaction
-- The indexes of migrations 0005, 0010 and 0014, on tables that grow: built while everybody goes on
-- writing. What an interrupted try left is invalid, hence dropped first.

DROP INDEX CONCURRENTLY IF EXISTS inbound_deliveries_identity;
CREATE UNIQUE INDEX CONCURRENTLY inbound_deliveries_identity
    ON inbound_deliveries (project_id, source, hook_id, guid, body_sha256);
DROP INDEX CONCURRENTLY IF EXISTS inbound_deliveries_bytes;
CREATE INDEX CONCURRENTLY inbound_deliveries_bytes ON inbound_deliveries (project_id, source, body_sha256, received_at);
DROP INDEX CONCURRENTLY IF EXISTS events_news;
CREATE INDEX CONCURRENTLY events_news ON events (project_id, session_id, seq)
    WHERE type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled');
DROP INDEX CONCURRENTLY IF EXISTS events_news_id;
CREATE INDEX CONCURRENTLY events_news_id ON events (event_id)
    WHERE type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled');
DROP INDEX CONCURRENTLY IF EXISTS events_unacknowledged;
CREATE INDEX CONCURRENTLY events_unacknowledged ON events (project_id, spent, event_no) INCLUDE (session_id)
    WHERE type IN ('task.input_required', 'task.completed', 'task.failed', 'task.cancelled')
        AND NOT acknowledged;
DROP INDEX CONCURRENTLY IF EXISTS conversation_chunks_blob;
CREATE INDEX CONCURRENTLY conversation_chunks_blob ON conversation_chunks (project_id, content_sha256)
    WHERE content_sha256 IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS artifacts_blob;
CREATE INDEX CONCURRENTLY artifacts_blob ON artifacts (project_id, content_sha256) WHERE content_sha256 IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS inbound_deliveries_blob;
CREATE INDEX CONCURRENTLY inbound_deliveries_blob ON inbound_deliveries (project_id, body_sha256) WHERE body IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS task_checkpoints_blob;
CREATE INDEX CONCURRENTLY task_checkpoints_blob ON task_checkpoints (project_id, content_sha256)
    WHERE content_sha256 IS NOT NULL;
