-- A process takes tokens of a key's bucket along, so that an accepted command writes no bucket.
ALTER TABLE rate_buckets ADD COLUMN leased double precision NOT NULL DEFAULT 0;

-- Tokens that a process took along from a key's bucket. Unlogged: after a crash of the server they
-- are gone, which gives nobody more than the limit.
CREATE UNLOGGED TABLE rate_leases (
    key_id text NOT NULL,
    process text NOT NULL,
    tokens double precision NOT NULL,
    used_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key_id, process)
) WITH (fillfactor = 50);
