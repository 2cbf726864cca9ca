-- Where the sweep of the blob store stands (usecases/sweep_blobs.py), and quick answers to its question:
-- does any row name these bytes?

CREATE TABLE blob_sweep (
    only_row    boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    marker      text NOT NULL DEFAULT '',
    began_at    timestamptz NOT NULL DEFAULT '-infinity',
    leased_until timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO blob_sweep DEFAULT VALUES;
