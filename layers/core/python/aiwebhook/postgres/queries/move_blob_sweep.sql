-- Record that the sweep has processed everything up to `marker`; empty: the round is finished.
UPDATE blob_sweep
SET marker = %(marker)s, leased_until = '-infinity'
RETURNING marker
