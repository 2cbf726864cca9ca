-- Launches that were taken (reserve_launches) and not used go back into the account's bucket.
UPDATE launch_buckets
SET tokens = least(%(burst)s::double precision, tokens + %(unused)s::integer)
WHERE bucket = %(bucket)s
