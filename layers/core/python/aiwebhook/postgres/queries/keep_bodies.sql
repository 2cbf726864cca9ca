-- Bodies as they were first made. One that is kept already stays as it is.
UPDATE deliveries d
SET body = b.body
FROM unnest(%(delivery_ids)s::text[], %(bodies)s::bytea[]) AS b (delivery_id, body)
WHERE d.delivery_id = b.delivery_id AND d.body IS NULL
RETURNING d.delivery_id
