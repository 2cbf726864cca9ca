-- Return launches that were reserved (reserve_launches) but not used to the account's bucket.
UPDATE launch_buckets
SET tokens = least(%(burst)s::double precision, tokens + %(unused)s::integer)
WHERE bucket = %(bucket)s
