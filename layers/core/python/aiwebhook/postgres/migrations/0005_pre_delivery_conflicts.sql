-- One GUID with two bodies is two deliveries; bytes without a GUID are looked up by their digest.

ALTER TABLE inbound_deliveries ADD COLUMN conflict boolean NOT NULL DEFAULT false;

CREATE UNIQUE INDEX inbound_deliveries_identity
    ON inbound_deliveries (project_id, source, hook_id, guid, body_sha256);

CREATE INDEX inbound_deliveries_bytes ON inbound_deliveries (project_id, source, body_sha256, received_at);
