-- outside a transaction
-- Whoever gives back a slot of a project looks for what of it waits (ADR 0008).

DROP INDEX CONCURRENTLY IF EXISTS deliveries_waiting;
CREATE INDEX CONCURRENTLY deliveries_waiting ON deliveries (project_id, next_attempt_at) WHERE status = 'pending';
