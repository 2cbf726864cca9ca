-- outside a transaction
-- What is told of a delivery that came in, where it goes on its way out again, and how to list them.

ALTER TABLE inbound_deliveries
    ADD COLUMN IF NOT EXISTS action text,
    ADD COLUMN IF NOT EXISTS repository text,
    ADD COLUMN IF NOT EXISTS method text NOT NULL DEFAULT 'POST',
    ADD COLUMN IF NOT EXISTS path text NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS size integer,
    ADD COLUMN IF NOT EXISTS status text NOT NULL DEFAULT 'received',
    ADD COLUMN IF NOT EXISTS failure text;
ALTER TABLE inbound_deliveries DROP CONSTRAINT IF EXISTS inbound_deliveries_status_check;
ALTER TABLE inbound_deliveries ADD CONSTRAINT inbound_deliveries_status_check
    CHECK (status IN ('received', 'failed', 'too_large'));
DROP INDEX CONCURRENTLY IF EXISTS inbound_deliveries_newest;
CREATE INDEX CONCURRENTLY inbound_deliveries_newest
    ON inbound_deliveries (project_id, received_at, delivery_id);
