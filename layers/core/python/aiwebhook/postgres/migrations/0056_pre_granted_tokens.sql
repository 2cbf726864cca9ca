-- What a process was leased at once: so long as it has the lease, its key's bucket is refilled only
-- up to the burst less this, whether the tokens are spent or not. 0: leased by an older release.
ALTER TABLE rate_leases ADD COLUMN granted double precision NOT NULL DEFAULT 0;
