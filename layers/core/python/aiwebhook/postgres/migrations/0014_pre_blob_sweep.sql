-- Where the sweep of the blob store stands (usecases/sweep_blobs.py), and quick answers to its question:
-- does any row name these bytes?

CREATE TABLE blob_sweep (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    marker      text NOT NULL DEFAULT '',
    began_at    timestamptz NOT NULL DEFAULT '-infinity',
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO blob_sweep DEFAULT VALUES;
CREATE INDEX conversation_chunks_blob ON conversation_chunks (project_id, content_sha256)
    WHERE content_sha256 IS NOT NULL;
CREATE INDEX artifacts_blob ON artifacts (project_id, content_sha256) WHERE content_sha256 IS NOT NULL;
CREATE INDEX inbound_deliveries_blob ON inbound_deliveries (project_id, body_sha256) WHERE body IS NULL;
CREATE INDEX task_checkpoints_blob ON task_checkpoints (project_id, content_sha256)
    WHERE content_sha256 IS NOT NULL;
