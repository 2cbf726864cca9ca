-- Takes up to `wanted` launches out of the account's bucket; `granted` says how many it got
-- (negative: given back). The bucket is locked for this statement only, never across a launch.
WITH bucket AS MATERIALIZED (
    SELECT
        b.bucket,
        least(
            %(burst)s::double precision,
            b.tokens
            + greatest(extract(EPOCH FROM clock_timestamp() - b.refilled_at), 0)
            * %(per_second)s::double precision
        ) AS tokens
    FROM launch_buckets b
    WHERE b.bucket = %(bucket)s
    FOR UPDATE
),
taken AS (
    UPDATE launch_buckets b
    SET
        tokens = k.tokens - least(%(wanted)s::integer, floor(k.tokens)),
        refilled_at = clock_timestamp()
    FROM bucket k
    WHERE b.bucket = k.bucket
)
SELECT least(%(wanted)s::integer, floor(k.tokens))::integer AS granted FROM bucket k
