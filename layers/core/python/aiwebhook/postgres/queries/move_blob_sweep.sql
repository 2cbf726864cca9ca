-- The sweep has looked at everything up to `marker`; empty: at all there is.
UPDATE blob_sweep
SET marker = %(marker)s, leased_until = '-infinity'
RETURNING marker
