-- outside a transaction
-- What a subscription was sent, for its budget of wakes. What an interrupted try left is invalid, hence
-- dropped first.

DROP INDEX CONCURRENTLY IF EXISTS deliveries_wakes;
CREATE INDEX CONCURRENTLY deliveries_wakes ON deliveries (endpoint_id, delivered_at) WHERE body IS NOT NULL;
