-- Claim the sweep of the blob store until the lease ends. No row: another reaper is sweeping, or
-- the last round began less than `every_s` ago.
UPDATE blob_sweep
SET
    leased_until = now() + make_interval(secs => %(lease_s)s),
    began_at = CASE marker WHEN '' THEN now() ELSE began_at END
WHERE leased_until < now()
    AND (marker <> '' OR began_at < now() - make_interval(secs => %(every_s)s))
RETURNING marker
